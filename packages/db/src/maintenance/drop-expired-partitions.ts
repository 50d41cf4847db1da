import type { SQL } from "drizzle-orm";
import type { Pool } from "pg";
import { waitForLock } from "../postgres/advisory-locks.ts";
import { isNotLocked, type Patience, withBriefLocks } from "../postgres/brief-locks.ts";
import { type Ask, asking, sql } from "../postgres/sql.ts";
import { inTransaction } from "../postgres/transaction.ts";
import { zonesText } from "../reporting-zone/reporting-zone.ts";
import { oldestKeptMonth, type Retention } from "./retention.ts";

/** Pages of the default partition that are cleared in one transaction: some 50,000 views. */
const BATCH_PAGES = 1_000;

/** Milliseconds that counting or deleting a month of views may take. */
const MONTH_TIMEOUT_MS = 1_800_000;

export type DroppedPartitions = {
  /** Months of which this run removed views: `2026-05`, in order. */
  months: string[];
  /** How many views. Those of a month with a partition are counted just before it is dropped. */
  views: number;
  /** Months that stay until the next run, because a table was locked. */
  postponed: string[];
};

/**
 * Removes the views of every month that is past retention, and lists those months in `retired_months`, so that a view
 * of such a month that is sent again is not counted twice. The partition of a month is dropped; views of such months in
 * the default partition are deleted. Rollups stay as they are. Safe to run again, beside the recording, and by several
 * processes at once.
 *
 * @param options.zones the `zonesText` before who viewed in these months was stored. When the reporting zone has changed since, what
 * was stored is gone, so the months stay until the next run.
 */
export async function dropExpiredPartitions(
  pool: Pool,
  { patience, zones, ...retention }: Retention & { patience?: Patience; zones?: string },
): Promise<DroppedPartitions> {
  const dropped: DroppedPartitions = { months: [], views: 0, postponed: [] };
  const cutoff = oldestKeptMonth(retention);
  if (cutoff === undefined) return dropped;
  const months = new Set<string>();
  const postponed = new Set<string>();
  for (const [list, remove] of [
    [await partitionsBefore(pool, cutoff), dropPartition],
    [await defaultMonthsBefore(pool, cutoff), deleteFromDefault],
  ] as const) {
    for (const month of list) {
      try {
        const views = await remove(pool, month, { patience, zones });
        dropped.views += views;
        if (views > 0) months.add(month);
      } catch (error) {
        if (!isNotLocked(error) && !(error instanceof ZonesChangedError)) throw error;
        postponed.add(month);
      }
    }
  }
  return { ...dropped, months: [...months].toSorted(), postponed: [...postponed].toSorted() };
}

/** Which months before this one have a partition? */
async function partitionsBefore(pool: Pool, cutoff: Date): Promise<string[]> {
  const { rows } = await asking(pool)<{ month: string }>(
    `select replace(substring(relname from '\\d{4}_\\d{2}$'), '_', '-') as month
     from pg_inherits join pg_class on pg_class.oid = inhrelid
     where inhparent = 'model_views'::regclass and relname ~ '^model_views_\\d{4}_\\d{2}$' order by 1`,
  );
  const firstKept = cutoff.toISOString().slice(0, 7);
  return rows.map(({ month }) => month).filter((month) => month < firstKept);
}

/** Which months before this one have views in the default partition? Reads all of it, which is little as a rule. */
async function defaultMonthsBefore(pool: Pool, cutoff: Date): Promise<string[]> {
  return inTransaction(pool, { statementTimeoutMs: MONTH_TIMEOUT_MS }, async (ask) => {
    const { rows } = await ask<{ month: string }>(sql`
      select distinct to_char(viewed_at at time zone 'utc', 'YYYY-MM') as month
      from model_views_default where viewed_at < ${cutoff} order by 1`);
    return rows.map(({ month }) => month);
  });
}

/** SQL: the view is of this month, `2026-05`. */
function isIn(month: string): SQL {
  const first = sql`${firstDay(month)}::timestamp`;
  return sql`viewed_at >= ${first} at time zone 'utc'
    and viewed_at < (${first} + interval '1 month') at time zone 'utc'`;
}

function firstDay(month: string): string {
  return `${month}-01`;
}

type Options = { patience: Patience | undefined; zones: string | undefined };

class ZonesChangedError extends Error {
  override name = "ZonesChangedError";
}

/** Under the lock "maintenance", which a change of the zone holds as well. */
async function requireZones(ask: Ask, zones: string | undefined): Promise<void> {
  if (zones !== undefined && (await zonesText(ask)) !== zones)
    throw new ZonesChangedError("the reporting zone is being changed");
}

/**
 * Drops the partition of a month, which detaches it as well.
 *
 * @returns how many views it held.
 */
async function dropPartition(pool: Pool, month: string, { patience, zones }: Options): Promise<number> {
  const name = `model_views_${month.replace("-", "_")}`;
  const partition = sql.identifier(name);
  // Before anything is locked, because it reads the whole month.
  const views = await inTransaction(pool, { statementTimeoutMs: MONTH_TIMEOUT_MS }, async (ask) => {
    const { rows } = await ask<{ views: number }>(
      sql`select count(*)::float8 as views from model_views where ${isIn(month)}`,
    );
    return rows[0]?.views ?? 0;
  });
  return withBriefLocks(pool, { statementTimeoutMs: MONTH_TIMEOUT_MS, patience }, async (ask) => {
    await waitForLock(ask, "maintenance");
    await requireZones(ask, zones);
    // Models first, as making a partition and deleting a model do. It blocks those two, and no reader.
    await ask("lock table models in share row exclusive mode");
    await ask("lock table only model_views in access exclusive mode");
    const { rowCount } = await ask(sql`select where to_regclass(${name}) is not null`);
    if (rowCount === 0) return 0;
    await ask(sql`
      insert into retired_months (month)
      select ${firstDay(month)}::date where exists (select from ${partition}) on conflict do nothing`);
    await ask(sql`drop table ${partition}`);
    return views;
  });
}

/**
 * Deletes the views of a month from the default partition.
 *
 * @returns how many there were.
 */
async function deleteFromDefault(pool: Pool, month: string, { patience, zones }: Options): Promise<number> {
  // A separate transaction, and the first: it waits for running recordings, and every later one sees that the month is
  // retired.
  await withBriefLocks(pool, { statementTimeoutMs: MONTH_TIMEOUT_MS, patience }, async (ask) => {
    await waitForLock(ask, "maintenance");
    await requireZones(ask, zones);
    await ask("lock table retired_months in access exclusive mode");
    await ask(sql`insert into retired_months (month) values (${firstDay(month)}) on conflict do nothing`);
  });
  const { rows } = await asking(pool)<{ pages: number }>(
    "select pg_relation_size('model_views_default')::float8 / current_setting('block_size')::int as pages",
  );
  let views = 0;
  for (let page = 0; page < (rows[0]?.pages ?? 0); page += BATCH_PAGES) {
    views += await inTransaction(pool, { statementTimeoutMs: MONTH_TIMEOUT_MS }, async (ask) => {
      await waitForLock(ask, "maintenance");
      // Deleting a model locks its views in another order, so without this lock the two could deadlock.
      await ask("lock table models in share row exclusive mode");
      const { rowCount } = await ask(sql`
        delete from model_views_default
        where ctid >= ${`(${page},0)`}::tid and ctid < ${`(${page + BATCH_PAGES},0)`}::tid and ${isIn(month)}`);
      return rowCount ?? 0;
    });
  }
  return views;
}
