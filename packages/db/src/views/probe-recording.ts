import { Client } from "pg";
import { recordViews } from "./record-views.ts";

/** Milliseconds for the connection, and again for the answer. */
const PROBE_TIMEOUT_MS = 1_500;

export type ProbeOptions = { databaseUrl: string; applicationName: string };

/**
 * Resolves when views can be recorded. Runs the very statement that records, with no views: a database that is
 * read-only, lacks a table or forbids it, or whose tables somebody has locked, refuses that as well. On a new
 * connection, because those that are open may be dead without anybody having said so.
 *
 * @throws what PostgreSQL threw, after 3 s at the latest.
 */
export async function probeRecording({ databaseUrl, applicationName }: ProbeOptions): Promise<void> {
  const client = new Client({
    connectionString: databaseUrl,
    application_name: applicationName,
    connectionTimeoutMillis: PROBE_TIMEOUT_MS,
    statement_timeout: PROBE_TIMEOUT_MS,
    query_timeout: PROBE_TIMEOUT_MS,
  });
  // It is told by what rejects.
  client.on("error", () => {});
  try {
    await client.connect();
    await recordViews(client, []);
  } finally {
    void client.end().catch(() => {});
  }
}
