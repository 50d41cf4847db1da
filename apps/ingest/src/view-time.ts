const DAY_MS = 86_400_000;
/** A view that is older was not seen a moment ago by whoever reports it; its clock is wrong. */
const PAST_MS_MAX = 7 * DAY_MS;
/** Clocks differ a little. */
const FUTURE_MS_MAX = 5 * 60_000;
/** Nothing was viewed on the web before. */
const BACKFILL_SINCE = new Date("1990-01-01T00:00:00Z");

/** When a view took place, and whether that is the server's clock in place of an implausible time. */
export type ViewTime = { viewedAt: Date; replaced: boolean };

/**
 * The time of a view: as given, else the time inside a UUIDv7, else now. A time more than 7 days ago or 5 minutes
 * ahead is replaced by now; `backfill` takes any since 1990.
 *
 * A retry has to lead to the same time, because it is part of the view's identity: so it repeats `viewedAt`, or an
 * id that carries its time.
 */
export function viewTime(
  { viewedAt, id }: { viewedAt?: string | undefined; id?: string | undefined },
  { now, backfill = false }: { now: Date; backfill?: boolean },
): ViewTime {
  const told = viewedAt === undefined ? timeOfUuid(id) : new Date(viewedAt);
  if (told === undefined) return { viewedAt: now, replaced: false };
  const since = backfill ? BACKFILL_SINCE.getTime() : now.getTime() - PAST_MS_MAX;
  const plausible = told.getTime() >= since && told.getTime() <= now.getTime() + FUTURE_MS_MAX;
  return plausible ? { viewedAt: told, replaced: false } : { viewedAt: now, replaced: true };
}

/** The first 48 bits of a UUIDv7 are milliseconds since 1970 (RFC 9562, section 5.7). */
function timeOfUuid(id: string | undefined): Date | undefined {
  if (id === undefined || id[14] !== "7") return undefined;
  return new Date(Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16));
}
