import type { Pool } from "pg";
import { isNotLocked, type Patience, withBriefLocks } from "../postgres/brief-locks.ts";
import { inTransaction } from "../postgres/transaction.ts";
import { waitForMaintenance } from "./maintenance-lock.ts";
import { oldestKeptMonth, type Retention } from "./retention.ts";

/** Pages of the default partition that are cleared in one transaction: some 50,000 views. */
const BATCH_PAGES = 1_000;

/** Milliseconds that counting or deleting a month of views may take. */
const MONTH_TIMEOUT_MS = 1_800_000;

const IN_MONTH = `viewed_at >= $1::timestamp at time zone 'utc'
  and viewed_at < ($1::timestamp + interval '1 month') at time zone 'utc'`;

export type DroppedPartitions = {
  /** Months of which views were removed now: `2026-05`, in order. */
  months: string[];
  /** So many views. Those of a month with a partition are counted just before it goes. */
  views: number;
  /** Months that stay until the next time, because somebody held on to a table. */
  postponed: string[];
};

/**
 * Removes the views of every month that retention keeps no longer, and notes those months in `retired_months`, so
 * that a view of theirs that comes again is not counted twice. A month with a partition goes at once; what the default
 * partition holds of others is deleted. Rollups stay as they are. Safe to run again, beside the recording, and by
 * several processes at once.
 */
export async function dropExpiredPartitions(
  pool: Pool,
  { patience, ...retention }: Retention & { patience?: Patience },
): Promise<DroppedPartitions> {
  const retired: DroppedPartitions = { months: [], views: 0, postponed: [] };
  const cutoff = oldestKeptMonth(retention);
  if (cutoff === undefined) return retired;
  const months = new Set<string>();
  const postponed = new Set<string>();
  for (const [list, remove] of [
    [await partitionsBefore(pool, cutoff), dropPartition],
    [await defaultMonthsBefore(pool, cutoff), deleteFromDefault],
  ] as const) {
    for (const month of list) {
      try {
        const views = await remove(pool, month, patience);
        retired.views += views;
        if (views > 0) months.add(month);
      } catch (error) {
        if (!isNotLocked(error)) throw error;
        postponed.add(month);
      }
    }
  }
  return { ...retired, months: [...months].toSorted(), postponed: [...postponed].toSorted() };
}

/** Which months before this one have a partition? */
async function partitionsBefore(pool: Pool, cutoff: Date): Promise<string[]> {
  const { rows } = await pool.query<{ month: string }>(
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
    const { rows } = await ask<{ month: string }>(
      `select distinct to_char(viewed_at at time zone 'utc', 'YYYY-MM') as month
       from model_views_default where viewed_at < $1 order by 1`,
      [cutoff],
    );
    return rows.map(({ month }) => month);
  });
}

/**
 * Drops the partition of a month, which detaches it as well. Says how many views it held; undefined when the locks did
 * not come.
 */
async function dropPartition(pool: Pool, month: string, patience?: Patience): Promise<number> {
  const name = `model_views_${month.replace("-", "_")}`;
  // Before anything is locked, because it reads the whole month.
  const views = await inTransaction(pool, { statementTimeoutMs: MONTH_TIMEOUT_MS }, async (ask) => {
    const { rows } = await ask<{ views: number }>(
      `select count(*)::float8 as views from model_views where ${IN_MONTH}`,
      [`${month}-01`],
    );
    return rows[0]?.views ?? 0;
  });
  return withBriefLocks(pool, { statementTimeoutMs: MONTH_TIMEOUT_MS, patience }, async (ask) => {
    await waitForMaintenance(ask);
    // Models first, as making a partition and deleting a model do. It keeps those two out, and no reader.
    await ask("lock table models in share row exclusive mode");
    await ask("lock table only model_views in access exclusive mode");
    const { rowCount } = await ask("select where to_regclass($1) is not null", [name]);
    if (rowCount === 0) return 0;
    await ask(
      `insert into retired_months (month) select $1::date where exists (select from ${name}) on conflict do nothing`,
      [`${month}-01`],
    );
    await ask(`drop table ${name}`);
    return views;
  });
}

/**
 * Deletes the views of a month that the default partition holds, and says how many.
 */
async function deleteFromDefault(pool: Pool, month: string, patience?: Patience): Promise<number> {
  // Alone and first: this waits for what is being recorded, and what is recorded after it knows the month as retired.
  await withBriefLocks(pool, { statementTimeoutMs: MONTH_TIMEOUT_MS, patience }, async (ask) => {
    await ask("lock table retired_months in access exclusive mode");
    await ask("insert into retired_months (month) values ($1) on conflict do nothing", [`${month}-01`]);
  });
  const { rows } = await pool.query<{ pages: number }>(
    "select pg_relation_size('model_views_default')::float8 / current_setting('block_size')::int as pages",
  );
  let views = 0;
  for (let page = 0; page < (rows[0]?.pages ?? 0); page += BATCH_PAGES) {
    views += await inTransaction(pool, { statementTimeoutMs: MONTH_TIMEOUT_MS }, async (ask) => {
      await waitForMaintenance(ask);
      // A model that is deleted takes its views in another order: the two must not meet.
      await ask("lock table models in share row exclusive mode");
      const { rowCount } = await ask(
        `delete from model_views_default
         where ctid >= '(${page},0)' and ctid < '(${page + BATCH_PAGES},0)' and ${IN_MONTH}`,
        [`${month}-01`],
      );
      return rowCount ?? 0;
    });
  }
  return views;
}
