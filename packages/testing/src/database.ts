import { randomUUID } from "node:crypto";
import { connect, type Db } from "@model-views/db/postgres/connect.ts";
import { Client } from "pg";
import { inject } from "vitest";

/** A fresh copy of the migrated schema. */
export async function createDatabase(): Promise<{ url: string; drop: () => Promise<void> }> {
  const template = new URL(inject("postgresUrl"));
  const name = `test_${randomUUID().replaceAll("-", "")}`;
  const own = new URL(template);
  own.pathname = `/${name}`;
  // By its files: through the log it takes up to five times as long.
  const copy = `template ${template.pathname.slice(1)} strategy file_copy`;
  await asAdmin(template, `create database ${name} ${copy}`);
  return { url: own.href, drop: () => asAdmin(template, `drop database ${name} with (force)`) };
}

/** A database of {@link createDatabase}, for a test to ask; `$client.end()` closes it. */
export function connectTest(databaseUrl: string): Db {
  return connect({
    databaseUrl,
    applicationName: "model-views test",
    connectionsMax: 8,
    statementTimeoutMs: 20_000,
    onError: () => {},
  });
}

/** From the server's own database, because a template must have no connection. */
async function asAdmin(template: URL, statement: string): Promise<void> {
  const url = new URL(template);
  url.pathname = "/postgres";
  const client = new Client({ connectionString: url.href });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
