import { Pool } from "pg";

export type PoolOptions = {
  databaseUrl: string;
  /** Shown in `pg_stat_activity`. */
  applicationName: string;
  connectionsMax: number;
  /**
   * Milliseconds after which PostgreSQL gives a statement up; 0: never. A little later the connection is given up as
   * well, in case it is dead without anybody having said so.
   */
  statementTimeoutMs: number;
  /** Every transaction is read-only unless it says otherwise, whatever the role may do. */
  readOnly?: boolean;
  /** Told of connections that break. Without a listener they would end the process. */
  onError: (error: Error) => void;
};

/** Milliseconds to wait for a connection: for PostgreSQL to answer, or for one of the pool to be free. */
const CONNECT_TIMEOUT_MS = 5_000;

/** Milliseconds that an answer may take to arrive after PostgreSQL has given up. */
export const ANSWER_SLACK_MS = 5_000;

/** Opens a pool of connections; connects when first asked. */
export function openPool(options: PoolOptions): Pool {
  const {
    databaseUrl,
    applicationName,
    connectionsMax,
    statementTimeoutMs,
    readOnly = false,
    onError,
  } = options;
  const pool = new Pool({
    connectionString: readOnly ? readOnlyUrl(databaseUrl) : databaseUrl,
    application_name: applicationName,
    max: connectionsMax,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: statementTimeoutMs,
    query_timeout: statementTimeoutMs === 0 ? 0 : statementTimeoutMs + ANSWER_SLACK_MS,
    keepAlive: true,
  });
  pool.on("error", onError);
  // A connection that breaks while it is checked out reports here, not at the pool; its query rejects as well.
  pool.on("connect", (client) => client.on("error", onError));
  return pool;
}

/** The setting is part of the URL, because `options` of the URL would replace any that are given beside it. */
function readOnlyUrl(databaseUrl: string): string {
  const url = new URL(databaseUrl);
  const given = url.searchParams.get("options") ?? "";
  url.searchParams.set("options", `${given} -c default_transaction_read_only=on`.trim());
  return url.href;
}
