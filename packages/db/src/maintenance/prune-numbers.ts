import type { Pool } from "pg";
import { waitForLock } from "../postgres/advisory-locks.ts";
import { sql } from "../postgres/sql.ts";
import { inTransaction } from "../postgres/transaction.ts";

/** Numbers of one transaction: erasures wait for some tens of milliseconds. */
const BATCH_NUMBERS = 2_000;

/** Milliseconds that a statement may take; the first one reads model_viewers once. */
const STATEMENT_TIMEOUT_MS = 600_000;

/**
 * Deletes the numbers of viewers of whom nothing else is stored: they were pruned from every model, or their models were deleted.
 * What audiences have of them is then linked to no person. Safe to run again, beside the recording, and by several processes
 * at once.
 */
export async function pruneNumbers(pool: Pool): Promise<void> {
  const options = { statementTimeoutMs: STATEMENT_TIMEOUT_MS };
  const { rows } = await inTransaction(pool, options, (ask) =>
    ask<{ number: number }>(sql`
      select viewer_number as number from viewer_numbers n
      where not exists (select from model_viewers v where v.viewer_identifier = n.viewer_identifier)`),
  );
  const numbers = rows.map(({ number }) => number);
  for (let next = 0; next < numbers.length; next += BATCH_NUMBERS) {
    await inTransaction(pool, options, async (ask) => {
      // Finalizing gives numbers under this lock, so a viewer who has come back meanwhile keeps the number or gets another.
      await waitForLock(ask, "maintenance");
      await ask(sql`
        delete from viewer_numbers n
        where viewer_number = any(${sql.param(numbers.slice(next, next + BATCH_NUMBERS))}::int[]) and not exists (
          select from model_views r where r.viewer_identifier = n.viewer_identifier and not r.is_bot
        )`);
    });
  }
}
