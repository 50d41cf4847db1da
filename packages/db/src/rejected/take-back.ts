import type { Pool } from "pg";
import { type RecordedViews, recordViews } from "../views/record-views.ts";
import { REJECTED_COLUMNS, type RejectedRow, viewOf } from "./rejected-view.ts";

/** Views taken back in one transaction. */
const BATCH_VIEWS = 500;

/**
 * Which of the views that were rejected for want of a model can be stored now, because it exists? Both sides are asked by
 * their primary key. A row that somebody else is taking back is left to them.
 */
const TAKE_OUT = `
delete from rejected_views r using (
  select model_id, viewed_at, id from rejected_views
  where reason = 'unknown_model' and exists (select from models where models.id = model_id)
  order by model_id, viewed_at, id limit ${BATCH_VIEWS}
  for update skip locked
) found
where (r.model_id, r.viewed_at, r.id) = (found.model_id, found.viewed_at, found.id)
returning ${REJECTED_COLUMNS}`;

/**
 * Takes back the rejected views of models that exist by now: each is recorded and leaves `rejected_views` in one
 * transaction, so it is never in both nor in neither. Safe to run again, and by several processes at once.
 *
 * @returns what became of those that were taken out, and how many those were. One that had been stored by other ways
 * counts as a duplicate, one whose model is deleted at this very moment is rejected again.
 */
export async function takeBackRejected(pool: Pool): Promise<RecordedViews & { taken: number }> {
  const total = { taken: 0, inserted: 0, duplicates: 0, rejected: 0, erased: 0 };
  for (;;) {
    const { taken, recorded } = await takeBackSome(pool);
    total.taken += taken;
    total.inserted += recorded.inserted;
    total.duplicates += recorded.duplicates;
    total.rejected += recorded.rejected;
    total.erased += recorded.erased;
    // Those that were rejected again would be found again.
    if (taken < BATCH_VIEWS || recorded.rejected > 0) return total;
  }
}

async function takeBackSome(pool: Pool): Promise<{ taken: number; recorded: RecordedViews }> {
  const client = await pool.connect();
  let failed: unknown;
  try {
    await client.query("begin");
    const { rows } = await client.query<RejectedRow>(TAKE_OUT);
    const views = rows.map(viewOf);
    const recorded =
      views.length === 0
        ? { inserted: 0, duplicates: 0, rejected: 0, erased: 0 }
        : await recordViews(client, views);
    await client.query("commit");
    return { taken: views.length, recorded };
  } catch (error) {
    failed = error;
    throw error;
  } finally {
    // A connection in the middle of a failed transaction is closed rather than given back.
    client.release(failed !== undefined);
  }
}
