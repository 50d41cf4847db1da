import type { Pool } from "pg";
import { sql } from "../postgres/sql.ts";
import { inTransaction } from "../postgres/transaction.ts";
import { keptSince, type Retention } from "./retention.ts";

/** Rejected views of one transaction. */
const BATCH_VIEWS = 5_000;
const STATEMENT_TIMEOUT_MS = 60_000;

/**
 * Deletes the views that were rejected longer ago than retention keeps, and returns how many. Those that are being redriven
 * stay. Safe to run again, and by several processes at once. Reads rejected_views_rejected_at_idx.
 */
export async function purgeRejected(pool: Pool, retention: Retention): Promise<{ rejectedViews: number }> {
  const since = keptSince(retention);
  let rejectedViews = 0;
  if (since === undefined) return { rejectedViews };
  for (let deleted = BATCH_VIEWS; deleted === BATCH_VIEWS; rejectedViews += deleted) {
    deleted = await inTransaction(pool, { statementTimeoutMs: STATEMENT_TIMEOUT_MS }, async (ask) => {
      const { rowCount } = await ask(sql`
        with found as materialized (
          select model_id, viewed_at, id from rejected_views where rejected_at < ${since}
          order by rejected_at limit ${BATCH_VIEWS} for update skip locked
        )
        delete from rejected_views r using found
        where (r.model_id, r.viewed_at, r.id) = (found.model_id, found.viewed_at, found.id)`);
      return rowCount ?? 0;
    });
  }
  return { rejectedViews };
}
