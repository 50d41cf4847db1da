import type { ViewEvent } from "@model-views/shared/contracts/view-event.ts";
import { BATCH_VIEWS_MAX } from "@model-views/shared/contracts/views.ts";
import type { SQL } from "drizzle-orm";
import type { Pool } from "pg";
import { z } from "zod";
import { asking, sql } from "../postgres/sql.ts";
import { inTransaction } from "../postgres/transaction.ts";
import { REJECTED_COLUMNS, type RejectedRow, viewOf } from "./rejected-view.ts";

/** Milliseconds that taking a batch out may take. */
const STATEMENT_TIMEOUT_MS = 60_000;

/** Which rejected views to redrive. An absent field does not limit them. */
export type RejectedFilter = {
  /**
   * A reason (`unknown_model`, `past_retention`, `refused`), or an SQLSTATE such as `22021`. Without it all but
   * `past_retention`, whose views can never be stored.
   */
  reason?: string | undefined;
  /** Only those of this model. */
  modelId?: string | undefined;
  /** Only those that were rejected then or later. */
  since?: Date | undefined;
  /** Only those that were rejected before this time, so a view that is rejected again is not redriven again. */
  before: Date;
};

/** A view whose payload cannot be read, by its key, and why it cannot. */
export type UnreadableView = { id: string; modelId: string; viewedAt: string; unreadable: string };

/** A rejected view, and why it was rejected. */
export type RejectedView = { view: ViewEvent; reason: string; sqlstate: string | null } | UnreadableView;

type FoundRow = RejectedRow & {
  reason: string;
  sqlstate: string | null;
  model_id: string;
};

/** The key of the last row of the batch before. */
type Cursor = Pick<FoundRow, "model_id" | "key_time" | "id">;

/** The rejected views of this filter, in batches of up to 500, in the order of their key. Changes nothing. */
export async function* rejectedViews(pool: Pool, filter: RejectedFilter): AsyncGenerator<RejectedView[]> {
  for (let after: Cursor | "start" | undefined = "start"; after !== undefined; ) {
    const { rows }: { rows: FoundRow[] } = await asking(pool)<FoundRow>(find(filter, after));
    if (rows.length > 0) yield rows.map(rejectedOf);
    after = cursorAfter(rows);
  }
}

/**
 * Redrives the rejected views of this filter: puts them back on the queue, in batches of up to 500 and with their ids, and
 * yields each batch when it is there. A view that cannot be read is yielded as such and stays; the others go on. Safe to
 * repeat, and to run twice at once.
 *
 * A batch is deleted, then put on the queue, then the deletion is committed. After a crash in between, it is in both places,
 * and counts once. The order matters: a worker that rejects such a view again at once waits for the deletion (`on conflict`
 * waits for a row that is being deleted, but not for one that is only locked) and then keeps the view.
 *
 * @param enqueue resolves when the queue has the views.
 * @throws what `enqueue` or PostgreSQL threw; the batch then stays rejected.
 */
export async function* redriveToQueue(
  pool: Pool,
  filter: RejectedFilter,
  enqueue: (views: ViewEvent[]) => Promise<void>,
): AsyncGenerator<RejectedView[]> {
  for (let after: Cursor | "start" | undefined = "start"; after !== undefined; ) {
    const statement = find(filter, after, sql`for update skip locked`);
    const { rows, batch } = await redriveBatch(pool, statement, enqueue);
    if (batch.length > 0) yield batch;
    after = cursorAfter(rows);
  }
}

function redriveBatch(
  pool: Pool,
  statement: SQL,
  enqueue: (views: ViewEvent[]) => Promise<void>,
): Promise<{ rows: FoundRow[]; batch: RejectedView[] }> {
  return inTransaction(pool, { statementTimeoutMs: STATEMENT_TIMEOUT_MS }, async (ask) => {
    const { rows } = await ask<FoundRow>(statement);
    const batch = rows.map(rejectedOf);
    const views = batch.flatMap((rejected) => ("view" in rejected ? [rejected.view] : []));
    if (views.length > 0) {
      await ask(takeOut(rows.filter((_, index) => "view" in (batch[index] ?? {}))));
      await enqueue(views);
    }
    return { rows, batch };
  });
}

/**
 * SQL: the next rejected views of this filter.
 *
 * @param lock `for update skip locked` for what is to be taken out: rows that another process takes out are left to it.
 */
function find(
  { before, since, reason, modelId }: RejectedFilter,
  after: Cursor | "start",
  lock = sql``,
): SQL {
  const conditions = [sql`r.rejected_at < ${before}`];
  if (since !== undefined) conditions.push(sql`r.rejected_at >= ${since}`);
  if (modelId !== undefined) conditions.push(sql`r.model_id = ${modelId}::uuid`);
  if (reason === undefined) conditions.push(sql`r.reason <> 'past_retention'`);
  else conditions.push(sql`(r.reason = ${reason} or r.sqlstate = ${reason})`);
  if (after !== "start") {
    const { model_id, key_time, id } = after;
    conditions.push(
      sql`(r.model_id, r.viewed_at, r.id) > (${model_id}::uuid, ${key_time}::timestamptz, ${id}::uuid)`,
    );
  }
  return sql`
    select ${REJECTED_COLUMNS}, r.reason, r.sqlstate, r.model_id from rejected_views r
    where ${sql.join(conditions, sql` and `)}
    order by r.model_id, r.viewed_at, r.id limit ${BATCH_VIEWS_MAX} ${lock}`;
}

/** SQL: deletes these rows before a worker can see their views: see {@link redriveToQueue}. */
function takeOut(rows: readonly FoundRow[]): SQL {
  const modelIds = sql.param(rows.map(({ model_id }) => model_id));
  const times = sql.param(rows.map(({ key_time }) => key_time));
  const ids = sql.param(rows.map(({ id }) => id));
  return sql`
    delete from rejected_views r
    using unnest(${modelIds}::uuid[], ${times}::timestamptz[], ${ids}::uuid[]) as taken(model_id, viewed_at, id)
    where (r.model_id, r.viewed_at, r.id) = (taken.model_id, taken.viewed_at, taken.id)`;
}

function cursorAfter(rows: readonly FoundRow[]): Cursor | undefined {
  return rows.length < BATCH_VIEWS_MAX ? undefined : rows.at(-1);
}

function rejectedOf(row: FoundRow): RejectedView {
  const { reason, sqlstate } = row;
  try {
    return { view: viewOf(row), reason, sqlstate };
  } catch (error) {
    const unreadable =
      error instanceof z.ZodError
        ? error.issues.map(({ path, message }) => [...path, message].join(" ")).join(", ")
        : "the payload is no JSON";
    return { id: row.id, modelId: row.model_id, viewedAt: row.key_time, unreadable };
  }
}
