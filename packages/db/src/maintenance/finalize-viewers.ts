import type { Pool } from "pg";
import { type Ask, inTransaction } from "../postgres/transaction.ts";
import { finalizePeriods } from "./finalize-periods.ts";
import { waitForFinalizing, waitForMaintenance } from "./maintenance-lock.ts";

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
 * views again. Nothing is lost when this never runs: questions read the views of whatever is not finalized.
 *
 * A day's finalize is broken by whoever adds or removes one of its views, in the same transaction (`viewers` becomes null),
 * and the next run counts again; days of retired months stay as they are. Safe to run again, beside the recording, and by
 * several processes at once.
 *
 * @param onProgress is told each day, week or month that is finalized.
 */
export async function finalizeViewers(
  pool: Pool,
  { now, onProgress = () => {} }: { now: Date; onProgress?: (what: string) => void },
): Promise<FinalizedViewers> {
  const today = new Date(now.getTime() - SETTLED_MS).toISOString().slice(0, 10);
  const options = { statementTimeoutMs: STATEMENT_TIMEOUT_MS };
  let modelDays = 0;
  for (const day of await inTransaction(pool, options, (ask) => unsealedDays(ask, today))) {
    let after: string | undefined = "00000000-0000-0000-0000-000000000000";
    while (after !== undefined) {
      const batch: Batch = { day, after };
      const { finalized, last } = await inTransaction(pool, options, (ask) => sealBatch(ask, batch));
      modelDays += finalized;
      after = last;
    }
    onProgress(day);
  }
  return { modelDays, sitePeriods: await finalizePeriods(pool, { today, onProgress }) };
}

/** Which days before this one are not finalized, and can still be counted? Reads model_days_unsealed_idx. */
async function unsealedDays(ask: Ask, today: string): Promise<string[]> {
  const { rows } = await ask<{ day: string }>(
    `select distinct day::text as day from model_days
     where viewers is null and day < $1 and date_trunc('month', day::timestamp)::date not in (select month from retired_months)
     order by 1`,
    [today],
  );
  return rows.map(({ day }) => day);
}

type Batch = { day: string; after: string };

/** Finalizes the day of the next models by id; `last` is where to go on, undefined at the end. */
async function sealBatch(
  ask: Ask,
  { day, after }: Batch,
): Promise<{ finalized: number; last: string | undefined }> {
  // Nobody finalizes the weeks and months whose finalizes are broken below, nor removes views meanwhile.
  await waitForFinalizing(ask);
  await waitForMaintenance(ask);
  // Locked before they are counted: what is recorded later breaks the finalize again. Rows that others hold, and models that are
  // deleted at the moment, come another time: who waits for nobody is in nobody's way.
  const { rows: locked } = await ask<{ id: string }>(
    `select d.model_id as id from model_days d join models m on m.id = d.model_id
     where d.day = $1 and d.viewers is null and d.model_id > $2
       and date_trunc('month', d.day::timestamp)::date not in (select month from retired_months)
     order by d.model_id limit ${BATCH_MODELS}
     for update of d skip locked for key share of m skip locked`,
    [day, after],
  );
  const ids = locked.map(({ id }) => id);
  if (ids.length === 0) return { finalized: 0, last: undefined };
  const { rowCount } = await ask(
    `update model_days d set viewers = counted.viewers
     from (
       select model_id, count(distinct viewer_identifier) as viewers from model_views
       where model_id = any($2) and not is_bot
         and viewed_at >= $1::date::timestamp at time zone 'utc' and viewed_at < ($1::date + 1)::timestamp at time zone 'utc'
       group by 1
     ) counted
     where d.model_id = counted.model_id and d.day = $1`,
    [day, ids],
  );
  await ask(
    `delete from model_periods where model_id = any($2)
       and (unit, start) in (values ('week', date_trunc('week', $1::timestamp)::date), ('month', date_trunc('month', $1::timestamp)::date))`,
    [day, ids],
  );
  await ask(
    `delete from site_periods where (unit, start) in (
       values ('day', $1::date), ('week', date_trunc('week', $1::timestamp)::date), ('month', date_trunc('month', $1::timestamp)::date))`,
    [day],
  );
  return { finalized: rowCount ?? 0, last: ids.length < BATCH_MODELS ? undefined : ids.at(-1) };
}
