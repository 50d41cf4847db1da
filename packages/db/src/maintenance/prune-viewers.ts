import type { Pool } from "pg";
import { type Ask, inTransaction } from "../postgres/transaction.ts";
import { waitForMaintenance } from "./maintenance-lock.ts";
import { oldestKeptMonth, type Retention } from "./retention.ts";

/** Viewers of one transaction: some tens of milliseconds in which a batch with the same viewers waits. */
const BATCH_VIEWERS = 2_000;

/** Milliseconds that a statement may take; the first one looks at every model. */
const STATEMENT_TIMEOUT_MS = 600_000;

export type PrunedViewers = {
  /** Viewers of a model who were forgotten now; who viewed two models is counted twice. */
  viewers: number;
  /** Their views, which stay part of every total. */
  views: number;
};

type Batch = { modelId: string; cutoff: Date; after: string };

/** No view of this viewer and model is left in the months that go. */
const HAS_NO_VIEW = `not exists (
  select from model_views r where r.viewer_identifier = v.viewer_identifier and r.model_id = v.model_id
    and r.viewed_at < $2 and not r.is_bot)`;

/**
 * Removes who has not viewed a model since before the oldest month that is kept, where no view of theirs is left.
 * Totals and unique viewers stay; who comes back is counted as a new viewer. Safe to run again, beside the recording,
 * and by several processes at once. Reads model_viewers_last_viewed_idx.
 */
export async function pruneViewers(pool: Pool, retention: Retention): Promise<PrunedViewers> {
  const forgotten: PrunedViewers = { viewers: 0, views: 0 };
  const cutoff = oldestKeptMonth(retention);
  if (cutoff === undefined) return forgotten;
  const options = { statementTimeoutMs: STATEMENT_TIMEOUT_MS };
  for (const modelId of await inTransaction(pool, options, (ask) => modelsToForgetAt(ask, cutoff))) {
    let after: string | undefined = "";
    while (after !== undefined) {
      const batch: Batch = { modelId, cutoff, after };
      const { viewers, views, last } = await inTransaction(pool, options, (ask) => forgetBatch(ask, batch));
      forgotten.viewers += viewers;
      forgotten.views += views;
      after = last;
    }
  }
  return forgotten;
}

async function modelsToForgetAt(ask: Ask, cutoff: Date): Promise<string[]> {
  const { rows } = await ask<{ id: string }>(
    `select model_id as id from model_totals t
     where exists (select from model_viewers v where v.model_id = t.model_id and v.last_viewed_at < $1) order by 1`,
    [cutoff],
  );
  return rows.map(({ id }) => id);
}

/** Forgets the next viewers of a model by key; `last` is where to go on, undefined at the end. */
async function forgetBatch(
  ask: Ask,
  { modelId, cutoff, after }: Batch,
): Promise<PrunedViewers & { last: string | undefined }> {
  await waitForMaintenance(ask);
  // In the order in which recording locks them: the model, viewers by key, the total.
  await ask("select from models where id = $1 for key share", [modelId]);
  const { rows: locked } = await ask<{ viewer: string }>(
    `select viewer_identifier as viewer from model_viewers v
     where model_id = $1 and last_viewed_at < $2 and viewer_identifier > $3 and ${HAS_NO_VIEW}
     order by viewer_identifier limit ${BATCH_VIEWERS} for update`,
    [modelId, cutoff, after],
  );
  // Asked again, now that no batch can change these rows: one may have been committed between the question and the lock.
  const { rows } = await ask<PrunedViewers>(
    `with gone as (
       delete from model_viewers v
       where model_id = $1 and viewer_identifier = any($3) and last_viewed_at < $2 and ${HAS_NO_VIEW} returning views
     ), figures as (select count(*) as viewers, coalesce(sum(views), 0) as views from gone)
     update model_totals t
     set forgotten_viewers = forgotten_viewers + f.viewers, forgotten_views = forgotten_views + f.views
     from figures f where t.model_id = $1 and f.viewers > 0
     returning f.viewers::float8 as viewers, f.views::float8 as views`,
    [modelId, cutoff, locked.map(({ viewer }) => viewer)],
  );
  const { viewers = 0, views = 0 } = rows[0] ?? {};
  return { viewers, views, last: locked.length < BATCH_VIEWERS ? undefined : locked.at(-1)?.viewer };
}
