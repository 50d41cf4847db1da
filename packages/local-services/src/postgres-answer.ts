import { realpath } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { Client } from "pg";
import { SUPERUSER } from "./postgres-cluster.ts";

const CONNECT_MS_MAX = 2_000;
const QUERY_MS_MAX = 10_000;
const GOODBYE_MS_MAX = 1_000;

export const DATABASE = "model_views";

export type Answer =
  /** It serves this cluster, and takes queries. */
  | { kind: "ready" }
  /** Nobody there, or it still starts or recovers: worth another try. */
  | { kind: "not yet"; reason: string }
  /** Somebody answers, but this is not our cluster, or our password is not its password. */
  | { kind: "not ours"; reason: string };

const INVALID_PASSWORD = "28P01";

/** Asks whatever listens on the port which cluster it serves. Never rejects. */
export async function ask(port: number, password: string, cluster: string): Promise<Answer> {
  try {
    return await withClient({ port, password, database: "postgres" }, async (client) => {
      const { rows } = await client.query<{ data_directory: string }>("show data_directory");
      const folder = rows[0]?.data_directory ?? "";
      return (await realpath(cluster)) === folder
        ? { kind: "ready" }
        : { kind: "not ours", reason: `the server on port ${port} serves ${folder}` };
    });
  } catch (error) {
    // Among others 57P03 (starting up, recovering) and 53300 (all connections taken), or nobody listening.
    const { code, message } = error as Error & { code?: string };
    if (code === INVALID_PASSWORD)
      return { kind: "not ours", reason: `the password was refused (${message})` };
    return { kind: "not yet", reason: message || String(code) };
  }
}

/** Makes the database on the first start; again after a first start that was killed in between. */
export async function makeDatabase(port: number, password: string): Promise<void> {
  await withClient({ port, password, database: "postgres" }, async (client) => {
    const { rowCount } = await client.query("select from pg_database where datname = $1", [DATABASE]);
    if (rowCount === 0) await client.query(`create database ${DATABASE}`);
  });
}

export function postgresUrl(port: number, password: string): string {
  return `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/${DATABASE}`;
}

async function withClient<T>(
  { port, password, database }: { port: number; password: string; database: string },
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const client = new Client({
    host: "127.0.0.1",
    port,
    user: SUPERUSER,
    password,
    database,
    // Said outright, or PGSSLMODE and PGOPTIONS from the environment decide.
    ssl: false,
    options: "",
    application_name: "local-services",
    connectionTimeoutMillis: CONNECT_MS_MAX,
    query_timeout: QUERY_MS_MAX,
  });
  // A connection lost between two queries is an event; without a listener it would end the process.
  client.on("error", () => {});
  try {
    await client.connect();
    return await work(client);
  } finally {
    // A server that was paused never answers the goodbye.
    await Promise.race([client.end().catch(() => {}), pause(GOODBYE_MS_MAX, undefined, { ref: false })]);
  }
}
