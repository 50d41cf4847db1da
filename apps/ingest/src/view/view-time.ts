const MINUTE_MS = 60_000;
/** A browser posts a view at once, so an older time comes from a wrong clock. */
const BROWSER_PAST_MS_MAX = 5 * MINUTE_MS;
/** A server may post views that it has kept for a while. */
const SERVER_PAST_MS_MAX = 7 * 24 * 60 * MINUTE_MS;
/** Clocks differ a little. */
const FUTURE_MS_MAX = 5 * MINUTE_MS;
/** There were no web views before. */
const BACKFILL_SINCE = new Date("1990-01-01T00:00:00Z");

/** When a view took place; whether this replaces an implausible time; whether it is ingest's own time. */
export type ViewTime = { viewedAt: Date; replaced: boolean; isOurs: boolean };

/** A browser's time is about now, a server's may be days ago, and a backfill's any time since 1990. */
export type TimeSource = "browser" | "server" | "backfill";

/**
 * The time of a view: the given one, else the time inside a UUIDv7, else now. A time more than 5 minutes ago (from a
 * server: 7 days) or 5 minutes ahead is replaced by the time inside the id, else by now. A backfill may have any time
 * since 1990.
 *
 * The time is part of the view's identity, so a retry must lead to the same one: it repeats `viewedAt` or an id that
 * contains the time, within these limits. A time that `isOurs` is not repeatable.
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
