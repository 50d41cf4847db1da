import { drizzle, type NodePgDatabase } from "drizzle-orm/node-postgres";
import { Pool } from "pg";

/** A connected database: Drizzle's queries, and the pool of connections below as `$client`. */
export type Db = NodePgDatabase & { $client: Pool };

export type ConnectOptions = {
  databaseUrl: string;
  /** Shown in `pg_stat_activity`. */
  applicationName: string;
  connectionsMax: number;
  /** Milliseconds after which PostgreSQL gives a statement up. */
  statementTimeoutMs: number;
  /** Told of connections that break while nobody uses them. Without a listener they would end the process. */
  onError: (error: Error) => void;
};

/** Milliseconds to wait for a connection: for PostgreSQL to answer, or for one of the pool to be free. */
const CONNECT_TIMEOUT_MS = 5_000;

/** Opens a pool; connects when first asked. `db.$client.end()` closes it. */
export function connect({
  databaseUrl,
  applicationName,
  connectionsMax,
  statementTimeoutMs,
  onError,
}: ConnectOptions): Db {
  const pool = new Pool({
    connectionString: databaseUrl,
    application_name: applicationName,
    max: connectionsMax,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: statementTimeoutMs,
    keepAlive: true,
  });
  pool.on("error", onError);
  // A connection that breaks while it is checked out reports here, not at the pool; its query rejects as well.
  pool.on("connect", (client) => client.on("error", onError));
  return drizzle(pool);
}
