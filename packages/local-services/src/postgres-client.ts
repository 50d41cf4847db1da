import { realpath } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { Client } from "pg";
import type { Answer } from "./local-server.ts";
import { SUPERUSER } from "./postgres-cluster.ts";

export const DATABASE = "model_views";
const CONNECT_MS_MAX = 2_000;
const QUERY_MS_MAX = 10_000;
const GOODBYE_MS_MAX = 1_000;
const INVALID_PASSWORD = "28P01";

/** Asks the server on a port which cluster it serves. Never rejects. */
export async function askPostgres(port: number, password: string, cluster: string): Promise<Answer> {
  try {
    const folder = await withClient(port, password, async (client) => {
      const { rows } = await client.query<{ data_directory: string }>("show data_directory");
      return rows[0]?.data_directory ?? "";
    });
    if ((await realpath(cluster)) === folder) return { kind: "ready" };
    return { kind: "not ours", reason: `the server on port ${port} serves ${folder}` };
  } catch (error) {
    // 57P03 (it starts or recovers), 53300 (all connections are taken), or no server listens.
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === INVALID_PASSWORD)
      return { kind: "not ours", reason: `the password was refused (${message})` };
    return { kind: "not yet", reason: message || String(code) };
  }
}

/** Makes our database: at the first start, or at the next one if the first was killed before that. */
export async function makeDatabase(port: number, password: string): Promise<void> {
  await withClient(port, password, async (client) => {
    const { rowCount } = await client.query("select from pg_database where datname = $1", [DATABASE]);
    if (rowCount === 0) await client.query(`create database ${DATABASE}`);
  });
}

async function withClient<T>(
  port: number,
  password: string,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const client = new Client({
    host: "127.0.0.1",
    port,
    user: SUPERUSER,
    password,
    database: "postgres",
    // Set here, because otherwise PGSSLMODE and PGOPTIONS of the environment decide.
    ssl: false,
    options: "",
    application_name: "local-services",
    connectionTimeoutMillis: CONNECT_MS_MAX,
    query_timeout: QUERY_MS_MAX,
  });
  // A connection that is lost between two queries is an event; without a listener it would end the process.
  client.on("error", () => {});
  try {
    await client.connect();
    return await work(client);
  } finally {
    // A server that SIGSTOP has stopped never answers the request to close.
    await Promise.race([client.end().catch(() => {}), pause(GOODBYE_MS_MAX, undefined, { ref: false })]);
  }
}
