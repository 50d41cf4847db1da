import type { ClientBase, Pool } from "pg";
import { type Cancellation, createCancellation } from "./cancellation.ts";
import { failureOf } from "./failure.ts";
import { begin, type TransactionMode } from "./session.ts";
import { type Ask, toQuery } from "./sql.ts";

/** Milliseconds that an answer may take to arrive after PostgreSQL has cancelled the statement. */
const ANSWER_SLACK_MS = 5_000;

/**
 * Milliseconds to wait for the answer to a statement that PostgreSQL cancels after `statementTimeoutMs`; 0: no limit.
 */
export function answerTimeoutMs(statementTimeoutMs: number): number {
  return statementTimeoutMs === 0 ? 0 : statementTimeoutMs + ANSWER_SLACK_MS;
}

export type TransactionOptions = {
  /** Milliseconds that each statement may take, regardless of the pool's limit. */
  statementTimeoutMs: number;
  /** Milliseconds that each statement may wait for a lock; by default as long as it may take. */
  lockTimeoutMs?: number;
  /** Isolation, and read-only or not; by default `read committed`. */
  mode?: TransactionMode;
  /** When it aborts, the statement that runs is cancelled in PostgreSQL, and the transaction is rolled back. */
  signal?: AbortSignal | undefined;
};

/**
 * Runs `work` in a transaction on one connection: all of it happens or nothing. `work` gets the connection as well, and
 * how to run a statement on it that the signal cancels.
 *
 * @throws the signal's reason when it aborts before the commit; otherwise what `work` or PostgreSQL threw; a lock that did not come in time as SQLSTATE 55P03.
 */
export async function inTransaction<Result>(
  pool: Pool,
  { statementTimeoutMs, lockTimeoutMs = 0, mode, signal }: TransactionOptions,
  work: (ask: Ask, client: ClientBase, run: Cancellation["run"]) => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect();
  if (signal?.aborted === true) {
    client.release();
    throw signal.reason;
  }
  const { run, settled, mayComeLater } = createCancellation(client, signal);
  const askToTheEnd: Ask = (statement) => {
    const query = { ...toQuery(statement), query_timeout: answerTimeoutMs(statementTimeoutMs) };
    return client.query(query);
  };
  const ask: Ask = (statement) => run(() => askToTheEnd(statement));
  let isUsable = false;
  try {
    await ask(
      `${begin(client, mode)}set local statement_timeout = ${statementTimeoutMs}; set local lock_timeout = ${lockTimeoutMs}`,
    );
    const result = await work(ask, client, run);
    await askToTheEnd("commit");
    isUsable = true;
    return result;
  } catch (error) {
    await settled();
    isUsable = await isRolledBack(client, error);
    throw error;
  } finally {
    client.release(!isUsable || mayComeLater());
  }
}

/**
 * Ends a failed transaction, which frees its locks: a connection that is only closed keeps them until PostgreSQL
 * notices. A connection that may be dead is not asked.
 */
async function isRolledBack(client: ClientBase, error: unknown): Promise<boolean> {
  const { kind, sqlstate } = failureOf(error);
  if (kind === "world" && sqlstate === undefined) return false;
  const rollback = { text: "rollback", query_timeout: ANSWER_SLACK_MS };
  return client.query(rollback).then(
    () => true,
    () => false,
  );
}
