const MINUTE_MS = 60_000;
/** A browser posts a view when it takes place, and keeps none for later. What is older, its clock made up. */
const BROWSER_PAST_MS_MAX = 5 * MINUTE_MS;
/** A server may post what it has kept for a while. */
const SERVER_PAST_MS_MAX = 7 * 24 * 60 * MINUTE_MS;
/** Clocks differ a little. */
const FUTURE_MS_MAX = 5 * MINUTE_MS;
/** Nothing was viewed on the web before. */
const BACKFILL_SINCE = new Date("1990-01-01T00:00:00Z");

/** When a view took place, whether that stands in place of an implausible time, and whether ingest's clock has said so. */
export type ViewTime = { viewedAt: Date; replaced: boolean; isOurs: boolean };

/** Whose time it is: a browser's is of now; a server's may be of the last days; a backfill is of long ago. */
export type TimeSource = "browser" | "server" | "backfill";

/**
 * The time of a view: as given, else the time inside a UUIDv7, else now. A time more than 5 minutes ago (of a server:
 * 7 days) or 5 minutes ahead is replaced by that inside the id, or else by now; a backfill takes any since 1990.
 *
 * A retry has to lead to the same time, because it is part of the view's identity: so it repeats `viewedAt`, or an
 * id that carries its time, within these limits. A time that `isOurs` does not repeat itself.
 */
export function viewTime(
  { viewedAt, id }: { viewedAt?: string | undefined; id?: string | undefined },
  { now, source }: { now: Date; source: TimeSource },
): ViewTime {
  const inId = timeOfUuid(id);
  const given = viewedAt === undefined ? inId : new Date(viewedAt);
  if (given === undefined) return { viewedAt: now, replaced: false, isOurs: true };
  const isPlausible = (time: Date) =>
    time.getTime() >= earliest(source, now) && time.getTime() <= now.getTime() + FUTURE_MS_MAX;
  if (isPlausible(given)) return { viewedAt: given, replaced: false, isOurs: false };
  if (inId !== undefined && isPlausible(inId)) return { viewedAt: inId, replaced: true, isOurs: false };
  return { viewedAt: now, replaced: true, isOurs: true };
}

function earliest(source: TimeSource, now: Date): number {
  if (source === "backfill") return BACKFILL_SINCE.getTime();
  return now.getTime() - (source === "server" ? SERVER_PAST_MS_MAX : BROWSER_PAST_MS_MAX);
}

/** The first 48 bits of a UUIDv7 are milliseconds since 1970 (RFC 9562, section 5.7). */
function timeOfUuid(id: string | undefined): Date | undefined {
  if (id === undefined || id[14] !== "7") return undefined;
  return new Date(Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16));
}
