import type { ViewEvent } from "@model-views/shared/view-event.ts";
import { BATCH_VIEWS_MAX } from "@model-views/shared/views.ts";
import type { ClientBase, Pool } from "pg";
import { REJECTED_COLUMNS, type RejectedRow, viewOf } from "./rejected-view.ts";

/** Which rejected views are meant; what is not named is not asked for. */
export type RejectedFilter = {
  /** A reason (`unknown_model`, `past_retention`, `refused`), or an SQLSTATE such as `22021`. */
  reason?: string | undefined;
  /** Only those that were rejected then or later. */
  since?: Date | undefined;
  /** Only those that were rejected before this time: a view that is rejected again is not meant again. */
  before: Date;
};

/** A rejected view, and why it was rejected. */
export type RejectedView = { view: ViewEvent; reason: string; sqlstate: string | null };

const FIND = `
select ${REJECTED_COLUMNS}, r.reason, r.sqlstate, r.model_id, r.viewed_at::text as key_time, r.id
from rejected_views r
where r.rejected_at < $1 and ($2::timestamptz is null or r.rejected_at >= $2)
  and ($3::text is null or r.reason = $3 or r.sqlstate = $3)
  and ($4::uuid is null or (r.model_id, r.viewed_at, r.id) > ($4, $5::timestamptz, $6::uuid))
order by r.model_id, r.viewed_at, r.id limit ${BATCH_VIEWS_MAX}`;

type FoundRow = RejectedRow & {
  reason: string;
  sqlstate: string | null;
  model_id: string;
  key_time: string;
  id: string;
};
type Key = readonly [modelId: string, viewedAt: string, id: string];

/** The rejected views that are meant, in batches of up to 500, in the order of their key. Changes nothing. */
export async function* rejectedViews(pool: Pool, filter: RejectedFilter): AsyncGenerator<RejectedView[]> {
  let after: Key | undefined;
  for (;;) {
    const rows = await find(pool, filter, after, "");
    if (rows.length > 0) yield rows.map(rejectedOf);
    const last = rows.at(-1);
    if (last === undefined || rows.length < BATCH_VIEWS_MAX) return;
    after = [last.model_id, last.key_time, last.id];
  }
}

/**
 * Puts the rejected views that are meant back on the queue, in batches of up to 500 and with their ids, and yields each
 * batch when it is there. A batch leaves `rejected_views` after the queue has it; killed in between it is in both, and
 * counts once all the same. Safe to repeat, and to run twice at once.
 *
 * @param enqueue resolves when the queue has the views.
 * @throws what `enqueue` or PostgreSQL threw; the batch then stays where it was.
 */
export async function* replayRejected(
  pool: Pool,
  filter: RejectedFilter,
  enqueue: (views: ViewEvent[]) => Promise<void>,
): AsyncGenerator<RejectedView[]> {
  for (;;) {
    const batch = await replaySome(pool, filter, enqueue);
    if (batch.length > 0) yield batch;
    if (batch.length < BATCH_VIEWS_MAX) return;
  }
}

async function replaySome(
  pool: Pool,
  filter: RejectedFilter,
  enqueue: (views: ViewEvent[]) => Promise<void>,
): Promise<RejectedView[]> {
  const client = await pool.connect();
  let failed: unknown;
  try {
    await client.query("begin");
    // The rows stay locked until the commit: a worker that rejects the same view again waits for it, and so keeps it.
    const rows = await find(client, filter, undefined, "for update skip locked");
    const batch = rows.map(rejectedOf);
    if (batch.length > 0) {
      await enqueue(batch.map(({ view }) => view));
      await client.query(
        `delete from rejected_views
         where (model_id, viewed_at, id) in (select * from unnest($1::uuid[], $2::timestamptz[], $3::uuid[]))`,
        [rows.map((row) => row.model_id), rows.map((row) => row.key_time), rows.map((row) => row.id)],
      );
    }
    await client.query("commit");
    return batch;
  } catch (error) {
    failed = error;
    throw error;
  } finally {
    // A connection in the middle of a failed transaction is closed rather than given back.
    client.release(failed !== undefined);
  }
}

async function find(
  database: Pool | ClientBase,
  { reason, since, before }: RejectedFilter,
  [modelId, viewedAt, id]: Key | [] = [],
  lock: "" | "for update skip locked",
): Promise<FoundRow[]> {
  const { rows } = await database.query<FoundRow>(`${FIND} ${lock}`, [
    before,
    since,
    reason,
    modelId,
    viewedAt,
    id,
  ]);
  return rows;
}

function rejectedOf(row: FoundRow): RejectedView {
  return { view: viewOf(row), reason: row.reason, sqlstate: row.sqlstate };
}
