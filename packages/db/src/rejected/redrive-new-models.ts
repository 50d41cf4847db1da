import type { SQL } from "drizzle-orm";
import type { ClientBase, Pool } from "pg";
import { z } from "zod";
import { failureOf } from "../postgres/failure.ts";
import { type Ask, asking, sql } from "../postgres/sql.ts";
import { inTransaction } from "../postgres/transaction.ts";
import { type RecordedViews, recordViews } from "../recording/record-views.ts";
import { REJECTED_COLUMNS, type RejectedRow, viewOf } from "./rejected-view.ts";

/** Views redriven in one transaction. */
const BATCH_VIEWS = 500;

/** Models whose views are redriven in one run; those of others follow in the next. */
const MODELS_MAX = 1_000;

/** Milliseconds that each statement may take. */
const STATEMENT_TIMEOUT_MS = 60_000;

export type RedrivenViews = RecordedViews & {
  /** Rejected views that were taken out to be recorded. */
  taken: number;
};

const NOTHING: RedrivenViews = { taken: 0, inserted: 0, duplicates: 0, rejected: 0, unkept: 0, erased: 0 };

/**
 * Redrives the rejected views of models that were created since: each is recorded and leaves `rejected_views` in one
 * transaction, so it is never in both or in neither. One that PostgreSQL refuses stays, as `refused` with the SQLSTATE, and
 * the others go on. Safe to run again, and by several processes at once.
 *
 * @returns how many views were taken out, and what became of them. A view that had been stored otherwise counts as a
 * duplicate; one whose model is deleted at the same moment is rejected again.
 */
export async function redriveNewModels(pool: Pool): Promise<RedrivenViews> {
  const total: RedrivenViews = { ...NOTHING };
  // By the primary keys of both tables.
  const { rows } = await asking(pool)<{ id: string }>(sql`
    select id from models
    where exists (select from rejected_views r where r.model_id = models.id and r.reason = 'unknown_model')
    order by id limit ${MODELS_MAX}`);
  for (const { id } of rows) await redriveModel(pool, id, total);
  return total;
}

/** The batches get smaller until a bad view stands alone, and larger again behind it. */
async function redriveModel(pool: Pool, modelId: string, total: RedrivenViews): Promise<void> {
  for (let limit = BATCH_VIEWS; ; ) {
    let tried: RejectedRow | undefined;
    try {
      const some = await inTransaction(pool, { statementTimeoutMs: STATEMENT_TIMEOUT_MS }, (ask, client) =>
        redriveBatch(ask, client, { modelId, limit, onTry: (row) => (tried = row) }),
      );
      for (const key of Object.keys(some) as (keyof RedrivenViews)[]) total[key] += some[key];
      // Views that were rejected again would be found again, without end.
      if (some.taken < limit || some.rejected > 0) return;
      limit = Math.min(BATCH_VIEWS, limit * 2);
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal === undefined) throw error;
      if (limit === 1 && tried !== undefined) await markRefused(asking(pool), modelId, tried, refusal);
      limit = Math.ceil(limit / 2);
    }
  }
}

async function redriveBatch(
  ask: Ask,
  client: ClientBase,
  {
    modelId,
    limit,
    onTry,
  }: { modelId: string; limit: number; onTry: (first: RejectedRow | undefined) => void },
): Promise<RedrivenViews> {
  const { rows } = await ask<RejectedRow>(takeOut(modelId, limit));
  onTry(rows[0]);
  if (rows.length === 0) return { ...NOTHING };
  return { taken: rows.length, ...(await recordViews(client, rows.map(viewOf))) };
}

/**
 * SQL: takes out the next views of a model. Rows that another process takes out are left to it. Materialized, here and
 * wherever rows are picked with a limit: else PostgreSQL may pick again for each row that it joins them with, and take more
 * than the limit.
 */
function takeOut(modelId: string, limit: number): SQL {
  return sql`
    with found as materialized (
      select model_id, viewed_at, id from rejected_views
      where model_id = ${modelId} and reason = 'unknown_model'
      order by viewed_at, id limit ${limit}
      for update skip locked
    )
    delete from rejected_views r using found
    where (r.model_id, r.viewed_at, r.id) = (found.model_id, found.viewed_at, found.id)
    returning ${REJECTED_COLUMNS}`;
}

type Refusal = { sqlstate: string | null; message: string };

/** Keeps a view that cannot be stored although its model exists. */
async function markRefused(
  ask: Ask,
  modelId: string,
  { key_time: viewedAt, id }: RejectedRow,
  { sqlstate, message }: Refusal,
): Promise<void> {
  await ask(sql`
    update rejected_views set reason = 'refused', sqlstate = ${sqlstate}, message = ${message}
    where model_id = ${modelId} and viewed_at = ${viewedAt} and id = ${id} and reason = 'unknown_model'`);
}

/** Why these views cannot be stored; undefined when the error is not about them. */
function refusalOf(error: unknown): Refusal | undefined {
  if (error instanceof z.ZodError || error instanceof SyntaxError) {
    return { sqlstate: null, message: "the payload is no view" };
  }
  const { kind, sqlstate, message } = failureOf(error);
  return kind === "data" && sqlstate !== undefined ? { sqlstate, message } : undefined;
}
