import { once } from "node:events";
import { failureOf } from "@model-views/db/postgres/failure.ts";
import { openPool } from "@model-views/db/postgres/pool.ts";
import { UnfitDatabaseError } from "@model-views/db/postgres/session.ts";
import { sql } from "@model-views/db/postgres/sql.ts";
import { inTransaction } from "@model-views/db/postgres/transaction.ts";
import { test } from "@model-views/testing/fixtures.ts";
import { FOREIGN_SETTINGS, setForeignSettings, withClient } from "@model-views/testing/foreign-settings.ts";
import { describe, expect } from "vitest";

const aPool = (databaseUrl: string, more: Partial<Parameters<typeof openPool>[0]> = {}) =>
  openPool({
    databaseUrl,
    applicationName: "session test",
    connectionsMax: 2,
    statementTimeoutMs: 1_234,
    onError: () => {},
    ...more,
  });

const OURS = {
  datestyle: "ISO, YMD",
  timezone: "UTC",
  intervalstyle: "postgres",
  extra_float_digits: "1",
  bytea_output: "hex",
  standard_conforming_strings: "on",
  array_nulls: "on",
  quote_all_identifiers: "off",
  search_path: '"a ""schema"""',
  default_transaction_isolation: "read committed",
  lock_timeout: "0",
  statement_timeout: "1234",
  idle_in_transaction_session_timeout: "60000",
};

const settingsOf = (rows: { name: string; setting: string }[]) =>
  Object.fromEntries(rows.map(({ name, setting }) => [name.toLowerCase(), setting]));

const ASK = `select name, setting from pg_settings where lower(name) = any($1)`;

describe("a connection", () => {
  test("has what our statements rely on, not those of the database", async ({ databaseUrl }) => {
    await setForeignSettings(databaseUrl);
    const names = Object.keys(OURS);
    const theirs = await withClient(databaseUrl, (client) => client.query(ASK, [names]));
    expect(settingsOf(theirs.rows)).toMatchObject({
      datestyle: FOREIGN_SETTINGS.datestyle,
      search_path: FOREIGN_SETTINGS.search_path,
    });
    const pool = aPool(databaseUrl, { schema: 'a "schema"' });
    const { rows } = await pool.query(ASK, [names]);
    expect(settingsOf(rows)).toEqual(OURS);
    const inside = await inTransaction(pool, { statementTimeoutMs: 1_234 }, (ask) =>
      ask<{ name: string; setting: string }>(
        sql`select name, setting from pg_settings where lower(name) = any(${sql.param(names)})`,
      ),
    );
    expect(settingsOf(inside.rows)).toEqual(OURS);
    await pool.end();
  });

  test("is ended by PostgreSQL when its transaction waits for us too long; that is the world's", async ({
    databaseUrl,
  }) => {
    const pool = aPool(databaseUrl);
    const client = await pool.connect();
    await client.query("begin; set local idle_in_transaction_session_timeout = 20");
    const [error] = await once(client, "error");
    expect(failureOf(error)).toMatchObject({ kind: "world", sqlstate: "25P03" });
    client.release(true);
    expect((await pool.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
    await pool.end();
  });

  test("is refused by a database that is not in UTF8, with what to do", async ({ databaseUrl }) => {
    const name = `${new URL(databaseUrl).pathname.slice(1)}_latin1`;
    const make = `create database ${name} template template0 encoding 'LATIN1' locale 'C'`;
    await withClient(databaseUrl, (client) => client.query(make));
    const url = new URL(databaseUrl);
    url.pathname = `/${name}`;
    const pool = aPool(url.href);
    const error = await pool.query("select 1").catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UnfitDatabaseError);
    expect(String(error)).toMatch(/has the encoding LATIN1.*\n.*create database .* encoding 'UTF8'/);
    expect(failureOf(error).kind).toBe("program");
    await pool.end();
    await withClient(databaseUrl, (client) => client.query(`drop database ${name} with (force)`));
  });
});
