import { openPool } from "../postgres/pool.ts";
import { recordViews } from "./record-views.ts";

/** Milliseconds for the connection, and again for the answer. */
const PROBE_TIMEOUT_MS = 1_500;

export type ProbeOptions = { databaseUrl: string; schema: string; applicationName: string };

/**
 * Resolves when views can be recorded. Runs the statement that records, without views: it fails as well when the database is
 * read-only, lacks a table or a right, or has a table locked. On a new connection, because an open one may be dead
 * without showing it.
 *
 * @throws what PostgreSQL threw, after some seconds at the latest.
 */
export async function probeRecording(options: ProbeOptions): Promise<void> {
  const pool = openPool({
    ...options,
    connectionsMax: 1,
    connectTimeoutMs: PROBE_TIMEOUT_MS,
    statementTimeoutMs: PROBE_TIMEOUT_MS,
    answerTimeoutMs: PROBE_TIMEOUT_MS,
    // The query rejects as well.
    onError: () => {},
  });
  try {
    await recordViews(pool, []);
  } finally {
    void pool.end();
  }
}
