import type { Pool } from "pg";
import { inTransaction } from "../postgres/transaction.ts";

/** Days for which it is known what admins did: a year, and a month to look at it. */
const KEPT_DAYS = 400;
const STATEMENT_TIMEOUT_MS = 60_000;

/** Deletes what admins did more than 400 days ago, by PostgreSQL's clock, and says how much. Reads audit_log_at_idx. */
export async function purgeAudit(pool: Pool): Promise<{ actions: number }> {
  return inTransaction(pool, { statementTimeoutMs: STATEMENT_TIMEOUT_MS }, async (ask) => {
    const { rowCount } = await ask("delete from audit_log where at < now() - make_interval(days => $1)", [
      KEPT_DAYS,
    ]);
    return { actions: rowCount ?? 0 };
  });
}
