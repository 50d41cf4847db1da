import type { ViewEvent } from "@model-views/shared/contracts/view-event.ts";
import { BATCH_VIEWS_MAX } from "@model-views/shared/contracts/views.ts";
import type { Pool } from "pg";
import { z } from "zod";
import { inTransaction } from "../postgres/transaction.ts";
import { REJECTED_COLUMNS, type RejectedRow, viewOf } from "./rejected-view.ts";

/** Milliseconds that taking a batch out may take. */
const STATEMENT_TIMEOUT_MS = 60_000;

/** Which rejected views are meant; what is not named is not asked for. */
export type RejectedFilter = {
  /**
   * A reason (`unknown_model`, `past_retention`, `refused`), or an SQLSTATE such as `22021`. Without it all but
   * `past_retention`, whose views can never be stored.
   */
  reason?: string | undefined;
  /** Only those that were rejected then or later. */
  since?: Date | undefined;
  /** Only those that were rejected before this time: a view that is rejected again is not meant again. */
  before: Date;
};

/** One whose payload cannot be read (any more), by its key, and why it cannot. */
export type UnreadableView = { id: string; modelId: string; viewedAt: string; unreadable: string };

/** A rejected view, and why it was rejected. */
export type RejectedView = { view: ViewEvent; reason: string; sqlstate: string | null } | UnreadableView;

/** $1 to $3 are the filter. */
const IS_MEANT = `r.rejected_at < $1 and ($2::timestamptz is null or r.rejected_at >= $2)
  and (r.reason = $3 or r.sqlstate = $3 or ($3::text is null and r.reason <> 'past_retention'))`;

const COLUMNS = `${REJECTED_COLUMNS}, r.reason, r.sqlstate, r.model_id`;

const FIND = `
select ${COLUMNS} from rejected_views r
where ${IS_MEANT} and ($4::uuid is null or (r.model_id, r.viewed_at, r.id) > ($4, $5::timestamptz, $6::uuid))
order by r.model_id, r.viewed_at, r.id limit ${BATCH_VIEWS_MAX}`;

/** The same, for somebody who will take them out: rows that others take out at the moment are left to them. */
const FIND_TO_TAKE = `${FIND} for update skip locked`;

/** Deletes before anybody else can see the views: see {@link redriveRejected}. */
const TAKE_OUT = `
delete from rejected_views r using unnest($1::uuid[], $2::timestamptz[], $3::uuid[]) as taken(model_id, viewed_at, id)
where (r.model_id, r.viewed_at, r.id) = (taken.model_id, taken.viewed_at, taken.id)`;

type FoundRow = RejectedRow & {
  reason: string;
  sqlstate: string | null;
  model_id: string;
};

/** Where to go on: the key of the last row that was found. */
type Cursor = readonly [modelId?: string, viewedAt?: string, id?: string];

/** The rejected views that are meant, in batches of up to 500, in the order of their key. Changes nothing. */
export async function* rejectedViews(pool: Pool, filter: RejectedFilter): AsyncGenerator<RejectedView[]> {
  for (let after: Cursor | undefined = []; after !== undefined; ) {
    const { rows } = await pool.query<FoundRow>(FIND, valuesOf(filter, after));
    if (rows.length > 0) yield rows.map(rejectedOf);
    after = cursorAfter(rows);
  }
}

/**
 * Puts the rejected views that are meant back on the queue, in batches of up to 500 and with their ids, and yields each
 * batch when it is there. A view that cannot be read is yielded as such, stays where it is, and keeps no other. Safe to
 * repeat, and to run twice at once.
 *
 * A batch is deleted, then put on the queue, then the deletion is committed. Killed in between, it is in both, and counts
 * once. The order matters: a worker that rejects such a view again at once waits for the deletion (`on conflict` waits for
 * a row that is being deleted, but not for one that is only locked) and then keeps the view.
 *
 * @param enqueue resolves when the queue has the views.
 * @throws what `enqueue` or PostgreSQL threw; the batch then stays where it was.
 */
export async function* redriveRejected(
  pool: Pool,
  filter: RejectedFilter,
  enqueue: (views: ViewEvent[]) => Promise<void>,
): AsyncGenerator<RejectedView[]> {
  for (let after: Cursor | undefined = []; after !== undefined; ) {
    const values = valuesOf(filter, after);
    const { rows, batch } = await inTransaction(
      pool,
      { statementTimeoutMs: STATEMENT_TIMEOUT_MS },
      async (ask) => {
        const { rows } = await ask<FoundRow>(FIND_TO_TAKE, values);
        const batch = rows.map(rejectedOf);
        const views = batch.flatMap((rejected) => ("view" in rejected ? [rejected.view] : []));
        const taken = rows.filter((_, index) => "view" in (batch[index] ?? {}));
        if (views.length > 0) {
          await ask(TAKE_OUT, [
            taken.map(({ model_id }) => model_id),
            taken.map(({ key_time }) => key_time),
            taken.map(({ id }) => id),
          ]);
          await enqueue(views);
        }
        return { rows, batch };
      },
    );
    if (batch.length > 0) yield batch;
    after = cursorAfter(rows);
  }
}

function valuesOf({ before, since, reason }: RejectedFilter, after: Cursor): unknown[] {
  return [before, since, reason, after[0], after[1], after[2]];
}

function cursorAfter(rows: readonly FoundRow[]): Cursor | undefined {
  const last = rows.at(-1);
  if (last === undefined || rows.length < BATCH_VIEWS_MAX) return undefined;
  return [last.model_id, last.key_time, last.id];
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
