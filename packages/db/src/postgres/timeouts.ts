/** Milliseconds to wait for a connection: for PostgreSQL to answer, or for one of the pool to be free. */
export const CONNECT_TIMEOUT_MS = 5_000;

/** Milliseconds that an answer may take to arrive after PostgreSQL has given up. */
export const ANSWER_SLACK_MS = 5_000;

/** Milliseconds for the answer to a statement that PostgreSQL itself gives up after so many; 0: no limit. */
export function answerTimeoutMs(statementTimeoutMs: number): number {
  return statementTimeoutMs === 0 ? 0 : statementTimeoutMs + ANSWER_SLACK_MS;
}
