import type { ViewEvent } from "@model-views/shared/view-event.ts";
import { BATCH_VIEWS_MAX } from "@model-views/shared/views.ts";
import type { Pool } from "pg";
import { inTransaction } from "../transaction.ts";
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

/** A rejected view, and why it was rejected. */
export type RejectedView = { view: ViewEvent; reason: string; sqlstate: string | null };

/** $1 to $3 are the filter. */
const IS_MEANT = `r.rejected_at < $1 and ($2::timestamptz is null or r.rejected_at >= $2)
  and (r.reason = $3 or r.sqlstate = $3 or ($3::text is null and r.reason <> 'past_retention'))`;

const COLUMNS = `${REJECTED_COLUMNS}, r.reason, r.sqlstate, r.model_id`;

const FIND = `
select ${COLUMNS} from rejected_views r
where ${IS_MEANT} and ($4::uuid is null or (r.model_id, r.viewed_at, r.id) > ($4, $5::timestamptz, $6::uuid))
order by r.model_id, r.viewed_at, r.id limit ${BATCH_VIEWS_MAX}`;

/** Deletes before anybody else can see the views: see {@link replayRejected}. */
const TAKE_OUT = `
with found as materialized (
  select r.model_id, r.viewed_at, r.id from rejected_views r where ${IS_MEANT}
  order by r.model_id, r.viewed_at, r.id limit ${BATCH_VIEWS_MAX}
  for update skip locked
)
delete from rejected_views r using found
where (r.model_id, r.viewed_at, r.id) = (found.model_id, found.viewed_at, found.id)
returning ${COLUMNS}`;

type FoundRow = RejectedRow & {
  reason: string;
  sqlstate: string | null;
  model_id: string;
};

/** The rejected views that are meant, in batches of up to 500, in the order of their key. Changes nothing. */
export async function* rejectedViews(pool: Pool, filter: RejectedFilter): AsyncGenerator<RejectedView[]> {
  const { before, since, reason } = filter;
  let after: [modelId?: string, viewedAt?: string, id?: string] = [];
  for (;;) {
    const { rows } = await pool.query<FoundRow>(FIND, [before, since, reason, after[0], after[1], after[2]]);
    if (rows.length > 0) yield rows.map(rejectedOf);
    const last = rows.at(-1);
    if (last === undefined || rows.length < BATCH_VIEWS_MAX) return;
    after = [last.model_id, last.key_time, last.id];
  }
}

/**
 * Puts the rejected views that are meant back on the queue, in batches of up to 500 and with their ids, and yields each
 * batch when it is there. Safe to repeat, and to run twice at once.
 *
 * A batch is deleted, then put on the queue, then the deletion is committed. Killed in between, it is in both, and counts
 * once. The order matters: a worker that rejects such a view again at once waits for the deletion (`on conflict` waits for
 * a row that is being deleted, but not for one that is only locked) and then keeps the view.
 *
 * @param enqueue resolves when the queue has the views.
 * @throws what `enqueue` or PostgreSQL threw; the batch then stays where it was.
 */
export async function* replayRejected(
  pool: Pool,
  { before, since, reason }: RejectedFilter,
  enqueue: (views: ViewEvent[]) => Promise<void>,
): AsyncGenerator<RejectedView[]> {
  for (;;) {
    const batch = await inTransaction(pool, { statementTimeoutMs: STATEMENT_TIMEOUT_MS }, async (ask) => {
      const { rows } = await ask<FoundRow>(TAKE_OUT, [before, since, reason]);
      const taken = rows.map(rejectedOf);
      if (taken.length > 0) await enqueue(taken.map(({ view }) => view));
      return taken;
    });
    if (batch.length > 0) yield batch;
    if (batch.length < BATCH_VIEWS_MAX) return;
  }
}

function rejectedOf(row: FoundRow): RejectedView {
  return { view: viewOf(row), reason: row.reason, sqlstate: row.sqlstate };
}
