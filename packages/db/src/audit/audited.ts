import type { Pool } from "pg";
import { failureOf } from "../postgres/failure.ts";
import { asking, sql } from "../postgres/sql.ts";
import { inTransaction } from "../postgres/transaction.ts";

/** An action that only admins may do. No field holds a secret or names a viewer. */
export type AdminAction = {
  /** The name of a key, or the user and machine that run a command. */
  actor: string;
  /** What was done, such as `delete-model`. */
  action: string;
  /** A model's id, or `hashedSubject` of a viewer's identifier; null for an action that concerns neither. */
  subject: string | null;
};

/** Characters of each part that are kept. */
const CHARS_MAX = 500;

/** Days for which actions are kept: a year, and a month to look at it. */
const KEPT_DAYS = 400;

/** Milliseconds that deleting old actions may take. */
const PURGE_TIMEOUT_MS = 60_000;

/** Records how an action ended. */
export type EndAction = (outcome: string) => Promise<void>;

/**
 * Records an action in `audit_log` before it begins. If its process dies half-way, the row has no outcome.
 *
 * @throws what PostgreSQL threw; then the action must not begin.
 */
export async function beginAction(
  pool: Pick<Pool, "query">,
  { actor, action, subject }: AdminAction,
): Promise<EndAction> {
  const ask = asking(pool);
  const { rows } = await ask<{ id: string }>(
    sql`insert into audit_log (actor, action, subject)
      values (${clipped(actor)}, ${clipped(action)}, ${subject === null ? null : clipped(subject)}) returning id`,
  );
  const id = rows[0]?.id ?? null;
  return async (outcome) => {
    await ask(
      sql`update audit_log set outcome = ${clipped(outcome)}, ended_at = clock_timestamp() where id = ${id}`,
    );
  };
}

/**
 * Runs `work` as an admin's action: recorded before it begins, and with its outcome after it.
 *
 * @param outcomeOf makes the outcome's text from the result.
 * @throws what `work` threw. Only its kind is recorded, because messages may hold values that were given.
 */
export async function audited<Result>(
  pool: Pick<Pool, "query">,
  action: AdminAction,
  work: () => Promise<Result>,
  outcomeOf: (result: Result) => string = () => "done",
): Promise<Result> {
  const end = await beginAction(pool, action);
  let result: Result;
  try {
    result = await work();
  } catch (error) {
    const { sqlstate } = failureOf(error);
    const kind = error instanceof Error ? error.name : "an error";
    // The first error matters more than an error in recording it. The row then has no outcome.
    await end(`failed: ${sqlstate ?? kind}`).catch(() => {});
    throw error;
  }
  await end(outcomeOf(result));
  return result;
}

/** Deletes actions of more than 400 days ago, by PostgreSQL's clock, and returns how many. Reads audit_log_at_idx. */
export async function purgeAudit(pool: Pool): Promise<{ actions: number }> {
  return inTransaction(pool, { statementTimeoutMs: PURGE_TIMEOUT_MS }, async (ask) => {
    const { rowCount } = await ask(
      sql`delete from audit_log where at < now() - make_interval(days => ${KEPT_DAYS})`,
    );
    return { actions: rowCount ?? 0 };
  });
}

/** Without NUL, which PostgreSQL's text cannot hold, and at most {@link CHARS_MAX} characters. */
function clipped(text: string): string {
  return text.replaceAll("\0", "\uFFFD").slice(0, CHARS_MAX);
}
