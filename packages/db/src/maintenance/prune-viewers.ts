import type { SQL } from "drizzle-orm";
import type { Pool } from "pg";
import { waitForLock } from "../postgres/advisory-locks.ts";
import { type Ask, sql } from "../postgres/sql.ts";
import { inTransaction } from "../postgres/transaction.ts";
import { oldestKeptMonth, type Retention } from "./retention.ts";

/** Viewers of one transaction: some tens of milliseconds in which a batch with the same viewers waits. */
const BATCH_VIEWERS = 2_000;

/** Milliseconds that a statement may take; the first one looks at every model. */
const STATEMENT_TIMEOUT_MS = 600_000;

export type PrunedViewers = {
  /** Viewers that this run pruned. A viewer of two models counts twice. */
  viewers: number;
  /** Their views, which stay part of every total. */
  views: number;
};

type Batch = { modelId: string; cutoff: Date; after: string };

/**
 * Removes viewers who have not viewed a model since before the oldest month that is kept, where no view of theirs is left.
 * Totals and unique viewers stay; a viewer who comes back counts as a new one. Safe to run again, beside the recording,
 * and by several processes at once. Reads model_viewers_last_viewed_idx.
 */
export async function pruneViewers(pool: Pool, retention: Retention): Promise<PrunedViewers> {
  const pruned: PrunedViewers = { viewers: 0, views: 0 };
  const cutoff = oldestKeptMonth(retention);
  if (cutoff === undefined) return pruned;
  const options = { statementTimeoutMs: STATEMENT_TIMEOUT_MS };
  for (const modelId of await inTransaction(pool, options, (ask) => modelsToPrune(ask, cutoff))) {
    let after: string | undefined = "";
    while (after !== undefined) {
      const batch: Batch = { modelId, cutoff, after };
      const { viewers, views, last } = await inTransaction(pool, options, (ask) => pruneBatch(ask, batch));
      pruned.viewers += viewers;
      pruned.views += views;
      after = last;
    }
  }
  return pruned;
}

async function modelsToPrune(ask: Ask, cutoff: Date): Promise<string[]> {
  const { rows } = await ask<{ id: string }>(sql`
    select model_id as id from model_totals t
    where exists (
      select from model_viewers v where v.model_id = t.model_id and v.last_viewed_at < ${cutoff}
    ) order by 1`);
  return rows.map(({ id }) => id);
}

/** Prunes the next viewers of a model by key; `last` is where to go on, undefined at the end. */
async function pruneBatch(
  ask: Ask,
  { modelId, cutoff, after }: Batch,
): Promise<PrunedViewers & { last: string | undefined }> {
  await waitForLock(ask, "maintenance");
  // In the order in which recording locks them: the model, viewers by key, the total.
  await ask(sql`select from models where id = ${modelId} for key share`);
  const { rows: locked } = await ask<{ viewer: string }>(sql`
    select viewer_identifier as viewer from model_viewers v
    where model_id = ${modelId} and last_viewed_at < ${cutoff} and viewer_identifier > ${after}
      and ${hasNoView(cutoff)}
    order by viewer_identifier limit ${BATCH_VIEWERS} for update`);
  const viewerIdentifiers = locked.map(({ viewer }) => viewer);
  // Checked again, now that no batch can change these rows: one may have been committed between the question and the lock.
  const { rows } = await ask<PrunedViewers>(sql`
    with gone as (
      delete from model_viewers v
      where model_id = ${modelId} and viewer_identifier = any(${sql.param(viewerIdentifiers)})
        and last_viewed_at < ${cutoff} and ${hasNoView(cutoff)} returning views
    ), pruned as (select count(*) as viewers, coalesce(sum(views), 0) as views from gone)
    update model_totals t
    set forgotten_viewers = forgotten_viewers + p.viewers, forgotten_views = forgotten_views + p.views
    from pruned p where t.model_id = ${modelId} and p.viewers > 0
    returning p.viewers::float8 as viewers, p.views::float8 as views`);
  const { viewers = 0, views = 0 } = rows[0] ?? {};
  return { viewers, views, last: locked.length < BATCH_VIEWERS ? undefined : locked.at(-1)?.viewer };
}

/** SQL: no view of the viewer and model `v` is left in the months before `cutoff`. */
function hasNoView(cutoff: Date): SQL {
  return sql`not exists (
    select from model_views r where r.viewer_identifier = v.viewer_identifier and r.model_id = v.model_id
      and r.viewed_at < ${cutoff} and not r.is_bot
  )`;
}
