import type { Pool } from "pg";
import { withBriefLocks } from "../postgres/brief-locks.ts";
import { type Ask, asking, sql } from "../postgres/sql.ts";

/** Months after this one that get a partition. */
const MONTHS_AHEAD = 3;

/** Milliseconds that making a partition may take: views that wait in the default partition move with it. */
const MAKE_TIMEOUT_MS = 300_000;

export type MonthPartitionsOptions = {
  now: Date;
  /** Months before this one that get a partition as well, unless retention has removed views of them. None by default. */
  monthsBack?: number;
};

/** The partition of a month, by its first instant in UTC: `model_views_2026_11`. */
function partitionName(month: Date): string {
  return `model_views_${month.toISOString().slice(0, 7).replace("-", "_")}`;
}

/**
 * Makes the partitions of `model_views` from this month on that are missing. Views of such a month that the default
 * partition has taken meanwhile are moved into it. Safe to run by several processes at once.
 *
 * @returns the names of the partitions that were made.
 * @throws SQLSTATE 55P03 when a lock did not come in time.
 */
export async function ensureMonthPartitions(
  pool: Pool,
  { now, monthsBack = 0 }: MonthPartitionsOptions,
): Promise<string[]> {
  const made: string[] = [];
  for (let offset = -monthsBack; offset <= MONTHS_AHEAD; offset += 1) {
    const month = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + offset, 1));
    if (!(await isMissing(asking(pool), month))) continue;
    const options = { statementTimeoutMs: MAKE_TIMEOUT_MS };
    if (await withBriefLocks(pool, options, (ask) => makePartition(ask, month)))
      made.push(partitionName(month));
  }
  return made;
}

/** Is there neither a partition of the month, nor a reason not to make one? */
async function isMissing(ask: Ask, month: Date): Promise<boolean> {
  const { rowCount } = await ask(sql`
    select where to_regclass(${partitionName(month)}) is null
      and not exists (select from retired_months where month = (${month}::timestamptz at time zone 'utc')::date)`);
  return rowCount === 1;
}

/** In one transaction, so that no view is ever missing or there twice. False when another process was faster. */
async function makePartition(ask: Ask, month: Date): Promise<boolean> {
  const partition = sql.identifier(partitionName(month));
  const next = new Date(Date.UTC(month.getUTCFullYear(), month.getUTCMonth() + 1, 1));
  // Bounds of partitions cannot be parameters.
  const [from, to] = [month, next].map((instant) => sql.raw(`'${instant.toISOString()}'`));
  // In the same order as deleting a model and retention lock them, so that they wait for each other without a deadlock.
  await ask("lock table models in share row exclusive mode");
  // Running readers end before views move, and later ones see where they are: a snapshot from before would look for them in
  // the new partition, and find none.
  await ask("lock table only model_views in access exclusive mode");
  if (!(await isMissing(ask, month))) return false;
  await ask("lock table model_views_default in access exclusive mode");
  await ask(sql`create table ${partition} (like model_views including defaults including constraints)`);
  await ask(sql`
    with moved as (delete from model_views_default where viewed_at >= ${from} and viewed_at < ${to} returning *)
    insert into ${partition} select * from moved`);
  await ask(sql`alter table model_views attach partition ${partition} for values from (${from}) to (${to})`);
  return true;
}
