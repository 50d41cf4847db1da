import { setTimeout as sleep } from "node:timers/promises";
import type { Pool } from "pg";
import { dayOf, startOfDay } from "../audiences/reporting-days.ts";
import { waitForLock } from "../postgres/advisory-locks.ts";
import { isNotLocked, type Patience } from "../postgres/brief-locks.ts";
import { type Ask, sql } from "../postgres/sql.ts";
import { inTransaction } from "../postgres/transaction.ts";
import { isSameZone } from "../stats/time-zones.ts";
import { type AffectedDays, countDaysAnew, ModelLockedError } from "./count-days-anew.ts";
import { DEFAULT_ZONE, oldestKeptDay, type ZoneRow, zoneRows } from "./reporting-zone.ts";

/** Views that one step counts anew, if one day does not have more. Recording waits meanwhile: about a second, or as long as one day takes. */
const STEP_VIEWS_MAX = 200_000;

/** Milliseconds that a statement may take. */
const STATEMENT_TIMEOUT_MS = 1_800_000;

/** Locks may be held for as long as a model with many views is being deleted. */
const PATIENCE: Patience = { lockTimeoutMs: 2_000, tries: 150, pauseMs: 2_000 };

export type ZoneStep = AffectedDays & {
  /** From which day on the days are of the new zone by now; null: all of them. */
  firstDay: string | null;
  /** Nothing is left to be done. */
  isLast: boolean;
};

export type ChangeOptions = {
  /** A name that PostgreSQL knows. */
  timeZone: string;
  onStep?: ((step: ZoneStep) => void) | undefined;
  viewsMax?: number;
  /** Steps after which to stop; the next call goes on. */
  stepsMax?: number;
  patience?: Patience;
};

/** Another process is changing the zone to another one. */
export class ZoneChangedError extends Error {
  override name = "ZoneChangedError";
}

/** Did a lock not come in time? Then a later call goes on. */
export function isPostponed(error: unknown): boolean {
  return isNotLocked(error) || error instanceof ModelLockedError;
}

/**
 * Makes the days those of another time zone, as far back as retention has left the views; days before that stay as they are,
 * in their own zone. It goes from the newest days to the oldest, in steps of some days, each of which is one transaction: in
 * between every answer is exact as well, and a later call goes on. Who viewed on these days is stored by the next
 * `finalize-viewers`; until then questions read the views.
 *
 * @returns the zones of the days, the newest first.
 * @throws {ZoneChangedError} when another process changes the zone to another one.
 * @throws what {@link isPostponed} recognizes when a lock did not come in time.
 */
export async function changeReportingZone(pool: Pool, options: ChangeOptions): Promise<ZoneRow[]> {
  const { onStep, stepsMax = Number.POSITIVE_INFINITY } = options;
  for (let done = 0; done < stepsMax; done += 1) {
    const taken = await takeStep(pool, { ...options, mayBegin: done === 0 });
    if (taken === undefined) break;
    onStep?.(taken);
    if (taken.isLast) break;
  }
  return inTransaction(pool, { statementTimeoutMs: STATEMENT_TIMEOUT_MS }, zoneRows);
}

type StepOptions = ChangeOptions & { mayBegin: boolean };

/** Takes one step, and tries again while something that it needs is locked. Undefined when there is none to take. */
async function takeStep(pool: Pool, options: StepOptions): Promise<ZoneStep | undefined> {
  const { patience = PATIENCE } = options;
  for (let tried = 1; ; tried += 1) {
    try {
      return await inTransaction(pool, { statementTimeoutMs: STATEMENT_TIMEOUT_MS }, (ask) =>
        step(ask, { ...options, patience }),
      );
    } catch (error) {
      if (!isPostponed(error) || tried >= patience.tries) throw error;
      await sleep(patience.pauseMs);
    }
  }
}

async function step(
  ask: Ask,
  { timeZone, viewsMax = STEP_VIEWS_MAX, mayBegin, patience }: StepOptions & { patience: Patience },
): Promise<ZoneStep | undefined> {
  // Meanwhile nothing is finalized, removed or erased.
  await waitForLock(ask, "finalize");
  await waitForLock(ask, "maintenance");
  const [newest] = await zoneRows(ask);
  const hasBegun = isSameZone(newest.timeZone, timeZone);
  if (!hasBegun && !mayBegin) throw new ZoneChangedError(`the zone is being changed to ${newest.timeZone}`);
  if (hasBegun && newest.since === null) return undefined;
  const before = hasBegun ? newest : undefined;
  const next = await nextRow(ask, before, viewsMax);
  if (next === undefined) return undefined;
  // Recording takes the lock of this table before its snapshot: it waits, and then sees the new days. Questions do not wait.
  await ask(
    `set local lock_timeout = ${patience.lockTimeoutMs}; lock table model_days in share row exclusive mode`,
  );
  await storeRow(ask, { timeZone: hasBegun ? newest.timeZone : timeZone, ...next });
  const affected = await affectedDays(ask, { firstDay: next.firstDay, before });
  await countDaysAnew(ask, { ...affected, since: next.since });
  return { ...affected, isLast: next.isLast };
}

type NextRow = { since: Date | null; firstDay: string | null; isLast: boolean };

/**
 * Where the new zone begins after the next step: at the start of a day, so that no day of the zone before is cut in two.
 * Undefined when it already begins where the views that are left do.
 *
 * @param before where it begins now, if it does.
 */
async function nextRow(
  ask: Ask,
  before: ZoneRow | undefined,
  viewsMax: number,
): Promise<NextRow | undefined> {
  const limit = await oldestKeptDay(ask);
  const until = before?.firstDay ?? "infinity";
  if (limit !== null && before !== undefined && limit >= until) return undefined;
  const { rows } = await ask<{ day: string | null; isLast: boolean }>(sql`
    select (min(day) filter (where views_since <= ${viewsMax} or nth = 1))::text as day,
      bool_and(views_since <= ${viewsMax} or nth = 1) is not false as "isLast"
    from (
      select day, sum(views) over (order by day desc) as views_since, row_number() over (order by day desc) as nth
      from (
        select day, sum(views) as views from model_days where day < ${until} and day >= ${limit ?? "-infinity"} group by 1
      ) each_day
    ) days`);
  const [{ day, isLast } = { day: null, isLast: true }] = rows;
  const firstDay = isLast ? limit : day;
  if (firstDay === null) return { since: null, firstDay, isLast };
  const { rows: starts } = await ask<{ since: Date }>(
    sql`select ${startOfDay(sql`${firstDay}::date`)} as since`,
  );
  const [{ since } = { since: null }] = starts;
  return { since, firstDay, isLast };
}

/** Stores from when on the zone is that of the days. Rows for times after that are gone, and one that changes nothing is not kept. */
async function storeRow(
  ask: Ask,
  { timeZone, since, firstDay }: { timeZone: string; since: Date | null; firstDay: string | null },
): Promise<void> {
  await ask(sql`delete from reporting_zones where since >= ${since ?? "-infinity"}`);
  const [last] = await zoneRows(ask);
  if (isSameZone(last.timeZone, timeZone)) {
    const { rows } = await ask<{ start: Date }>(sql`select ${startOfDay(sql`${firstDay}::date`)} as start`);
    if (since === null || rows[0]?.start.getTime() === since.getTime()) return;
  }
  if (since === null && isSameZone(timeZone, DEFAULT_ZONE)) return;
  await ask(sql`
    insert into reporting_zones (since, first_day, time_zone)
    values (${since ?? "-infinity"}, ${firstDay ?? "-infinity"}, ${timeZone})`);
}

/** The days that a step changes: from the first one on, until the days are the same as before. */
async function affectedDays(
  ask: Ask,
  { firstDay, before }: { firstDay: string | null; before: ZoneRow | undefined },
): Promise<AffectedDays> {
  if (before === undefined || before.since === null) return { firstDay, lastDay: null };
  const { rows } = await ask<{ day: string }>(sql`
    select greatest(${dayOf(sql`${before.since}::timestamptz`)}, ${before.firstDay}::date)::text as day`);
  return { firstDay, lastDay: rows[0]?.day ?? null };
}
