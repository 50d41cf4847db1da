import type { ClientBase, Pool } from "pg";
import { z } from "zod";
import { failureOf } from "../postgres/failure.ts";
import { type Ask, inTransaction } from "../postgres/transaction.ts";
import { type RecordedViews, recordViews } from "../recording/record-views.ts";
import { REJECTED_COLUMNS, type RejectedRow, viewOf } from "./rejected-view.ts";

/** Views taken back in one transaction. */
const BATCH_VIEWS = 500;

/** Models whose views are taken back in one run; those of others follow in the next. */
const MODELS_MAX = 1_000;

/** Milliseconds that each statement may take. */
const STATEMENT_TIMEOUT_MS = 60_000;

/** Which models exist by now of which views were rejected? Reads the primary keys of both tables. */
const FIND_MODELS = `
select id from models
where exists (select from rejected_views r where r.model_id = models.id and r.reason = 'unknown_model')
order by id limit ${MODELS_MAX}`;

/**
 * A row that somebody else is taking back is left to them. Materialized, here and wherever rows are picked with a limit:
 * else PostgreSQL may pick again for each row that it joins them with, and take more than the limit.
 */
const TAKE_OUT = `
with found as materialized (
  select model_id, viewed_at, id from rejected_views
  where model_id = $1 and reason = 'unknown_model'
  order by viewed_at, id limit $2
  for update skip locked
)
delete from rejected_views r using found
where (r.model_id, r.viewed_at, r.id) = (found.model_id, found.viewed_at, found.id)
returning ${REJECTED_COLUMNS}`;

/** What cannot be stored although its model exists. */
const REFUSE = `
update rejected_views set reason = 'refused', sqlstate = $2, message = $3
where model_id = $1 and viewed_at = $4 and id = $5 and reason = 'unknown_model'`;

export type RedrivenViews = RecordedViews & { taken: number };

const NOTHING: RedrivenViews = { taken: 0, inserted: 0, duplicates: 0, rejected: 0, unkept: 0, erased: 0 };

/**
 * Takes back the rejected views of models that exist by now: each is recorded and leaves `rejected_views` in one
 * transaction, so it is never in both nor in neither. One that PostgreSQL refuses stays, as `refused` with the SQLSTATE,
 * and keeps no other. Safe to run again, and by several processes at once.
 *
 * @returns what became of those that were taken out, and how many those were. One that had been stored by other ways
 * counts as a duplicate, one whose model is deleted at this very moment is rejected again.
 */
export async function redriveKnown(pool: Pool): Promise<RedrivenViews> {
  const total: RedrivenViews = { ...NOTHING };
  const { rows } = await pool.query<{ id: string }>(FIND_MODELS);
  for (const { id } of rows) await takeBackOf(pool, id, total);
  return total;
}

/** The batches get smaller until a bad view stands alone, and larger again behind it. */
async function takeBackOf(pool: Pool, modelId: string, total: RedrivenViews): Promise<void> {
  for (let limit = BATCH_VIEWS; ; ) {
    let tried: RejectedRow | undefined;
    try {
      const some = await inTransaction(pool, { statementTimeoutMs: STATEMENT_TIMEOUT_MS }, (ask, client) =>
        takeBackSome(ask, client, { modelId, limit, onTry: (row) => (tried = row) }),
      );
      for (const key of Object.keys(some) as (keyof RedrivenViews)[]) total[key] += some[key];
      // Those that were rejected again would be found again.
      if (some.taken < limit || some.rejected > 0) return;
      limit = Math.min(BATCH_VIEWS, limit * 2);
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal === undefined) throw error;
      if (limit === 1 && tried !== undefined) {
        const { sqlstate, message } = refusal;
        await pool.query(REFUSE, [modelId, sqlstate, message, tried.key_time, tried.id]);
      }
      limit = Math.ceil(limit / 2);
    }
  }
}

async function takeBackSome(
  ask: Ask,
  client: ClientBase,
  {
    modelId,
    limit,
    onTry,
  }: { modelId: string; limit: number; onTry: (first: RejectedRow | undefined) => void },
): Promise<RedrivenViews> {
  const { rows } = await ask<RejectedRow>(TAKE_OUT, [modelId, limit]);
  onTry(rows[0]);
  if (rows.length === 0) return { ...NOTHING };
  return { taken: rows.length, ...(await recordViews(client, rows.map(viewOf))) };
}

/** Why the views themselves are to blame; undefined when they are not. */
function refusalOf(error: unknown): { sqlstate: string | null; message: string } | undefined {
  if (error instanceof z.ZodError || error instanceof SyntaxError) {
    return { sqlstate: null, message: "the payload is no view" };
  }
  const { kind, sqlstate, message } = failureOf(error);
  return kind === "data" && sqlstate !== undefined ? { sqlstate, message } : undefined;
}
