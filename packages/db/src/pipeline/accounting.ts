import type { Accounting } from "@model-views/shared/contracts/accounting.ts";
import type { QueueAccounts } from "@model-views/shared/queue/accounts.ts";
import type { Ask } from "../postgres/sql.ts";
import { outcomeCounts } from "../recording/account-jobs.ts";

/**
 * Is every view that was put on the queue recorded, or still there? Asks PostgreSQL, the queue, and PostgreSQL again, so that what
 * is recorded meanwhile is no difference: a job is recorded before it leaves the queue.
 *
 * Read-committed: not to be asked in a transaction of one snapshot.
 */
export async function accounting(ask: Ask, readQueue: () => Promise<QueueAccounts>): Promise<Accounting> {
  const before = await outcomeCounts(ask);
  const queue = await readQueue();
  const { views, ...outcomes } = await outcomeCounts(ask);
  const { now, ...counted } = queue;
  return {
    ...counted,
    ...outcomes,
    waiting: now?.waiting ?? null,
    active: now?.active ?? null,
    failed: now?.failed ?? null,
    ...differencesOf(queue, { before: before.views, after: views }),
  };
}

function differencesOf(
  { queued, removed, writtenOff, now }: QueueAccounts,
  recorded: { before: number; after: number },
): Pick<Accounting, "lost" | "surplus"> {
  if (now === undefined) return { lost: null, surplus: null };
  const left = queued - removed - writtenOff - now.waiting - now.active - now.failed;
  return {
    lost: Math.max(0, left - recorded.after),
    // A job that is recorded stays on the queue until its worker says so; that of a killed worker waits again.
    surplus: Math.max(0, recorded.before - left - now.active - now.waiting),
  };
}
