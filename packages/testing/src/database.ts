import { randomUUID } from "node:crypto";
import { Pool } from "pg";
import { inject } from "vitest";
import { type DatabaseState, readState, restoreState } from "./database-state.ts";
import { withClient } from "./foreign-settings.ts";

/** A migrated database without rows, for one user at a time. */
export type Database = {
  url: string;
  /** Ends every connection to it. Its name is not used again, so what still has the URL cannot reach it. */
  release: () => Promise<void>;
};

type Copy = { name: string; before: DatabaseState };

/** Databases that no test of this process uses now, emptied. To make and drop one costs twice as much as emptying it. */
const free: Copy[] = [];

/** Connections to the server's own database, because a template must have none. One for all files of a worker. */
let admin: Pool | undefined;

/** Takes a database that an earlier test of this process has released, or makes one. */
export async function acquireDatabase(): Promise<Database> {
  const { name, before } = free.pop() ?? (await makeCopy());
  return { url: urlOf(name), release: () => release({ name, before }) };
}

/** Drops all databases of a run of the tests, on a server that goes on. */
export async function dropDatabases(serverUrl: string, run: string): Promise<void> {
  await withClient(databaseUrl(serverUrl, "postgres"), async (client) => {
    const { rows } = await client.query<{ datname: string }>(
      "select datname from pg_database where starts_with(datname, $1)",
      [prefixOf(run)],
    );
    for (const { datname } of rows) await client.query(`drop database ${datname} with (force)`);
  });
}

async function makeCopy(): Promise<Copy> {
  const name = newName();
  // By its files: through the log it takes up to five times as long.
  const template = new URL(inject("postgresUrl")).pathname.slice(1);
  await ask(`create database ${name} template ${template} strategy file_copy`);
  return { name, before: await withClient(urlOf(name), readState) };
}

/** Empties the database for the next test, or drops it when it is no longer like a new one. */
async function release({ name, before }: Copy): Promise<void> {
  const renamed = newName();
  try {
    await ask(`select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = '${name}'`);
    await ask(`alter database ${name} rename to ${renamed}`);
  } catch {
    // Something connects to it again and again, or the test has dropped it: then this fails, too.
    return ask(`drop database ${name} with (force)`);
  }
  const isRestored = await withClient(urlOf(renamed), (client) => restoreState(client, before));
  if (isRestored) free.push({ name: renamed, before });
  else await ask(`drop database ${renamed} with (force)`);
}

async function ask(statement: string): Promise<void> {
  if (admin === undefined) {
    // It does not keep the process running.
    admin = new Pool({
      connectionString: databaseUrl(inject("postgresUrl"), "postgres"),
      max: 1,
      idleTimeoutMillis: 0,
      allowExitOnIdle: true,
    });
    admin.on("error", () => {});
  }
  await admin.query(statement);
}

function newName(): string {
  return prefixOf(inject("run")) + randomUUID().replaceAll("-", "");
}

/** Of the names of all databases of a run. */
function prefixOf(run: string): string {
  return `test_${run}_`;
}

function urlOf(name: string): string {
  return databaseUrl(inject("postgresUrl"), name);
}

function databaseUrl(serverUrl: string, name: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}
