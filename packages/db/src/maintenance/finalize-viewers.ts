import type { Pool } from "pg";
import { waitForLock } from "../postgres/advisory-locks.ts";
import { type Ask, sql } from "../postgres/sql.ts";
import { inTransaction } from "../postgres/transaction.ts";
import { isRetired } from "../rollups/retired-months.ts";
import { startOf } from "../rollups/units.ts";
import { finalizePeriods } from "./finalize-periods.ts";

/** Milliseconds after a day's end until its viewers are counted: most late views have come by then. */
const SETTLED_MS = 10 * 60_000;

/** Models whose day is counted in one transaction. A late view of such a day waits meanwhile: some 10 ms. */
const BATCH_MODELS = 200;

/** Milliseconds that counting may take. */
const STATEMENT_TIMEOUT_MS = 1_800_000;

export type FinalizedViewers = {
  /** Days of models. */
  modelDays: number;
  /** Days, weeks and months of the whole site; the weeks and months of every model with them. */
  sitePeriods: number;
};

/**
 * Counts the different viewers of every day, week and month (in UTC) that is over, so that no question has to read its
 * views again. Nothing is lost when this never runs: for periods that are not finalized, questions read the views.
 *
 * A transaction that adds or removes a view opens the view's day again (`viewers` becomes null), and the next run counts
 * it; days of retired months stay as they are. Safe to run again, beside the recording, and by several processes at once.
 *
 * @param onProgress is called with each day, week or month that is finalized.
 */
export async function finalizeViewers(
  pool: Pool,
  { now, onProgress = () => {} }: { now: Date; onProgress?: (what: string) => void },
): Promise<FinalizedViewers> {
  const today = new Date(now.getTime() - SETTLED_MS).toISOString().slice(0, 10);
  const options = { statementTimeoutMs: STATEMENT_TIMEOUT_MS };
  let modelDays = 0;
  for (const day of await inTransaction(pool, options, (ask) => openDays(ask, today))) {
    let after: string | undefined = "00000000-0000-0000-0000-000000000000";
    while (after !== undefined) {
      const batch: Batch = { day, after };
      const { finalized, last } = await inTransaction(pool, options, (ask) => finalizeBatch(ask, batch));
      modelDays += finalized;
      after = last;
    }
    onProgress(day);
  }
  return { modelDays, sitePeriods: await finalizePeriods(pool, { today, onProgress }) };
}

/** Which days before this one are not finalized, and can still be counted? Reads model_days_unsealed_idx. */
async function openDays(ask: Ask, today: string): Promise<string[]> {
  const { rows } = await ask<{ day: string }>(sql`
    select distinct day::text as day from model_days
    where viewers is null and day < ${today} and not ${isRetired(sql`day`)} order by 1`);
  return rows.map(({ day }) => day);
}

type Batch = { day: string; after: string };

/** Finalizes the day of the next models by id; `last` is where to go on, undefined at the end. */
async function finalizeBatch(
  ask: Ask,
  { day, after }: Batch,
): Promise<{ finalized: number; last: string | undefined }> {
  // Meanwhile no other process finalizes the weeks and months that are opened below, nor removes views.
  await waitForLock(ask, "finalize");
  await waitForLock(ask, "maintenance");
  // Locked before they are counted: what is recorded later opens the day again. Rows that are locked, and models that
  // are being deleted, are left for a later run: this waits for neither, so it blocks neither.
  const { rows: locked } = await ask<{ id: string }>(sql`
    select d.model_id as id from model_days d join models m on m.id = d.model_id
    where d.day = ${day} and d.viewers is null and d.model_id > ${after} and not ${isRetired(sql`d.day`)}
    order by d.model_id limit ${BATCH_MODELS}
    for update of d skip locked for key share of m skip locked`);
  const ids = locked.map(({ id }) => id);
  if (ids.length === 0) return { finalized: 0, last: undefined };
  const ofBatch = sql`model_id = any(${sql.param(ids)}::uuid[])`;
  const date = sql`${day}::date`;
  const { rowCount } = await ask(sql`
    update model_days d set viewers = counted.viewers
    from (
      select model_id, count(distinct viewer_identifier) as viewers from model_views
      where ${ofBatch} and not is_bot and viewed_at >= ${date}::timestamp at time zone 'utc'
        and viewed_at < (${date} + 1)::timestamp at time zone 'utc'
      group by 1
    ) counted
    where d.model_id = counted.model_id and d.day = ${date}`);
  const week = sql`('week', ${startOf("week", date)})`;
  const month = sql`('month', ${startOf("month", date)})`;
  await ask(sql`delete from model_periods where ${ofBatch} and (unit, start) in (${week}, ${month})`);
  await ask(sql`delete from site_periods where (unit, start) in (('day', ${date}), ${week}, ${month})`);
  return { finalized: rowCount ?? 0, last: ids.length < BATCH_MODELS ? undefined : ids.at(-1) };
}
