import { failureOf } from "@model-views/db/postgres/failure.ts";
import { openPool } from "@model-views/db/postgres/pool.ts";
import { createLogger } from "@model-views/shared/runtime/logger.ts";
import { test } from "@model-views/testing/fixtures.ts";
import { DatabaseError } from "pg";
import { describe, expect } from "vitest";

/** What running these statements one after the other on one connection ends with. */
async function failureIn(databaseUrl: string, statements: string[]) {
  const pool = openPool({
    databaseUrl,
    applicationName: "failure test",
    connectionsMax: 1,
    statementTimeoutMs: 5_000,
    onError: () => {},
  });
  try {
    for (const statement of statements) await pool.query(statement);
  } catch (error) {
    return failureOf(error);
  } finally {
    await pool.end();
  }
  throw new Error("nothing failed");
}

describe("failureOf a real statement", () => {
  test.for([
    ["data", "22021", "a NUL in a text", ["select convert_from('\\x00'::bytea, 'UTF8')"]],
    ["data", "22008", "a year that there never was", ["select '0000-01-01T00:00:00Z'::timestamptz"]],
    [
      "data",
      "22001",
      "a text that is too long",
      ["create temp table t (c varchar(1))", "insert into t values ('ab')"],
    ],
    ["data", "22P02", "a text that is no uuid", ["select 'x'::uuid"]],
    [
      "data",
      "23502",
      "a null where none may be",
      ["create temp table t (c int not null)", "insert into t values (null)"],
    ],
    ["data", "23514", "a check", ["create temp table t (c int check (c > 0))", "insert into t values (0)"]],
    [
      "data",
      "54000",
      "a value that no index holds",
      [
        "create temp table t (c text primary key)",
        "insert into t select string_agg(md5(i::text), '') from generate_series(1, 1000) i",
      ],
    ],
    [
      "world",
      "25006",
      "a read-only database",
      ["set default_transaction_read_only = on", "create table t (c int)"],
    ],
    [
      "world",
      "57014",
      "a statement that took too long",
      ["set statement_timeout = 10", "select pg_sleep(5)"],
    ],
    [
      "world",
      "57P01",
      "a connection that an administrator ended",
      ["select pg_terminate_backend(pg_backend_pid())"],
    ],
    ["program", "42P01", "a table that is not there", ["select 1 from nowhere"]],
    ["program", "42703", "a column that is not there", ["select nothing from model_views"]],
    ["program", "42601", "a statement that is none", ["selec 1"]],
    [
      "program",
      "42501",
      "a table that may not be written",
      [
        "create role reader_of_test",
        "grant reader_of_test to current_user",
        "set role reader_of_test",
        "delete from models",
      ],
    ],
  ] as const)("is %s (%s): %s", async ([kind, sqlstate, , statements], { databaseUrl }) => {
    const run = sqlstate === "42501" ? ["begin", ...statements] : [...statements];
    expect(await failureIn(databaseUrl, run)).toMatchObject({ kind, sqlstate });
  });

  test.for([
    ["world", "no PostgreSQL at that port", "postgres://stranger@127.0.0.1:1/none"],
    ["world", "no such host", "postgres://stranger@no-such-host.invalid/none"],
  ] as const)("is %s: %s", async ([kind, , url]) => {
    expect(await failureIn(url, ["select 1"])).toMatchObject({ kind });
  });

  test.for(["select 1 from nowhere", "select nothing from model_views"])(
    "names the command that migrates, where a table or column is missing: %s",
    async (statement, { databaseUrl }) => {
      const { message } = await failureIn(databaseUrl, [statement]);
      expect(message).toMatch(/ does not exist; .* lack migrations of this version: npm run migrate$/);
    },
  );

  test("is the program's: no such database", async ({ databaseUrl }) => {
    const url = new URL(databaseUrl);
    url.pathname = "/no_such_database";
    expect(await failureIn(url.href, ["select 1"])).toMatchObject({ kind: "program", sqlstate: "3D000" });
  });
});

describe("the log of a statement that failed", () => {
  const TABLE = `create table visits (viewer varchar(12) primary key, ip inet, id uuid, at timestamptz,
    counts int check (counts > 0), more jsonb, names text[])`;
  const TRIGGER = `create function refuse() returns trigger language plpgsql as $$
      begin raise exception 'viewer % is not wanted', new.viewer using errcode = '23514', detail = new.ip; end $$;
    create trigger refuse before update on visits for each row execute function refuse()`;

  test("has the reason, and neither viewers, addresses nor parameters", async ({ db }) => {
    const { $client } = db;
    await $client.query(TABLE);
    await $client.query(TRIGGER);
    await $client.query("insert into visits (viewer, ip) values ('member-7', '203.0.113.7')");
    const failing = [
      [
        "insert into visits (viewer) values ($1)",
        "member-7",
        "23505 duplicate key value violates unique constraint",
      ],
      ["insert into visits (viewer) values ($1)", "member-7member-7", "22001 value too long"],
      ["insert into visits (viewer, counts) values ('member-7', $1)", -7123, "23514 new row for relation"],
      [
        "insert into visits (viewer, counts) values ('member-7', $1)",
        "7123712371",
        '22003 value "…" is out of range',
      ],
      [
        "insert into visits (ip) values ($1)",
        "203.0.113.7.7123",
        '22P02 invalid input syntax for type inet: "…"',
      ],
      [
        "insert into visits (id) values ($1)",
        'a "member-7" b',
        '22P02 invalid input syntax for type uuid: "…"',
      ],
      [
        "insert into visits (id) values ($1)",
        "a\n    at member-7",
        '22P02 invalid input syntax for type uuid: "…"',
      ],
      ["insert into visits (at) values ($1)", "7123-99-01", '22008 date/time field value out of range: "…"'],
      [
        "insert into visits (more) values ($1)",
        '{"a": member-7}',
        "22P02 invalid input syntax for type json",
      ],
      ["insert into visits (names) values ($1)", '{"member-7', '22P02 malformed array literal: "…"'],
      ["select to_date($1, 'YYYY')", "member-7", '22007 invalid value "…"'],
      ["update visits set ip = $1", "203.0.113.8", "23514 an exception of a function or trigger"],
    ] as const;
    for (const [statement, value, reason] of failing) {
      const lines: string[] = [];
      const logger = createLogger({ service: "test", level: "info" }, { write: (line) => lines.push(line) });
      await $client
        .query(statement, [value])
        .catch((err: unknown) => logger.error({ err }, "request failed"));
      const { err } = JSON.parse(lines[0] ?? "{}");
      expect(`${err?.code} ${err?.message}`, statement).toContain(reason);
      expect(err.stack, "where it failed").toContain("failure.test.ts");
      expect(lines.join()).not.toMatch(/memb|203\.0|7123/);
    }
  });
});

describe("failureOf", () => {
  const refused = (code: string) => Object.assign(new DatabaseError("refused", 0, "error"), { code });

  test.for([
    ["data", "what a trigger of the operator's refuses", refused("P0001")],
    ["data", "what a view with a check refuses", refused("44000")],
    ["world", "a deadlock", refused("40P01")],
    ["world", "too many connections", refused("53300")],
    ["world", "a full disk", refused("53100")],
    ["world", "a lock that was not available", refused("55P03")],
    ["world", "a server that starts", refused("57P03")],
    ["world", "a broken disk", refused("58030")],
    ["world", "a reset connection", Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" })],
    ["world", "a broken pipe", Object.assign(new Error("write EPIPE"), { code: "EPIPE" })],
    ["world", "no connection in time", new Error("timeout exceeded when trying to connect")],
    ["world", "a dead connection", new Error("Query read timeout")],
    ["program", "a wrong password", refused("28P01")],
    ["program", "an unknown code", refused("ZZ999")],
    ["program", "a mistake of ours", new TypeError("views is not iterable")],
    ["program", "an error of ours", new Error("an upsert returned no row")],
    [
      "program",
      "an argument that Node refuses",
      Object.assign(new Error("bad"), { code: "ERR_INVALID_ARG_TYPE" }),
    ],
    ["program", "what is no error", "oh"],
  ] as const)("is %s: %s", ([kind, , error]) => {
    expect(failureOf(error).kind).toBe(kind);
  });
});
