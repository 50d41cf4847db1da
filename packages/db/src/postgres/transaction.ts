import type { ClientBase, Pool, QueryResult, QueryResultRow } from "pg";
import { failureOf } from "./failure.ts";
import { begin, type TransactionMode } from "./session.ts";
import { ANSWER_SLACK_MS, answerTimeoutMs } from "./timeouts.ts";

/** Asks PostgreSQL within a transaction. */
export type Ask = <Row extends QueryResultRow>(text: string, values?: unknown[]) => Promise<QueryResult<Row>>;

export type TransactionOptions = {
  /** Milliseconds that each statement may take, whatever the pool says. */
  statementTimeoutMs: number;
  /** Milliseconds that each statement may wait for a lock; by default as long as it may take. */
  lockTimeoutMs?: number;
  /** What PostgreSQL is to promise; by default `read committed`. */
  mode?: TransactionMode;
};

/**
 * Runs `work` in a transaction on a connection of its own, which it is given as well: all of it happens or nothing.
 *
 * @throws what `work` or PostgreSQL threw, a lock that did not come in time as SQLSTATE 55P03.
 */
export async function inTransaction<Result>(
  pool: Pool,
  { statementTimeoutMs, lockTimeoutMs = 0, mode }: TransactionOptions,
  work: (ask: Ask, client: ClientBase) => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect();
  const ask: Ask = (text, values) => {
    const query = { text, query_timeout: answerTimeoutMs(statementTimeoutMs) };
    return values === undefined ? client.query(query) : client.query({ ...query, values });
  };
  let isUsable = false;
  try {
    await ask(
      `${begin(client, mode)}set local statement_timeout = ${statementTimeoutMs}; set local lock_timeout = ${lockTimeoutMs}`,
    );
    const result = await work(ask, client);
    await ask("commit");
    isUsable = true;
    return result;
  } catch (error) {
    isUsable = await isRolledBack(client, error);
    throw error;
  } finally {
    client.release(!isUsable);
  }
}

/**
 * Ends a failed transaction, so that what it had locked is free for whoever comes next: a connection that is only closed
 * keeps its locks until PostgreSQL notices. One that may not answer any more is not asked.
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
