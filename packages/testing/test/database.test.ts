import { randomUUID } from "node:crypto";
import { Client } from "pg";
import { test as base, expect, inject } from "vitest";
import { acquireDatabase, dropDatabases } from "../src/database.ts";
import { readState, restoreState } from "../src/database-state.ts";
import { withClient } from "../src/foreign-settings.ts";

/** Connected to a database that tests share: each rolls its changes back. */
const test = base.extend<{ shared: Client }>({
  shared: [
    async ({ task: _ }, use) => {
      const { url, release } = await acquireDatabase();
      await withClient(url, use);
      await release();
    },
    { scope: "file" },
  ],
});

const ROWS = `
  insert into models select gen_random_uuid(), 'a', null;
  insert into model_views (id, model_id, viewed_at, viewer_identifier)
    select gen_random_uuid(), id, now(), 'a' from models;
  insert into model_days select id, now(), 1 from models;
  insert into audit_log (actor, action) values ('a', 'b')`;

const COUNTED = `
  select (select count(*) from models) + (select count(*) from model_views) + (select count(*) from model_days)
    + (select count(*) from audit_log) as rows, nextval('audit_log_id_seq') as next`;

const ROLE = `role_${randomUUID().replaceAll("-", "")}`;

test("a database for whose tables the planner has other estimates is not used again", async ({ shared }) => {
  const before = await readState(shared);
  await shared.query("vacuum model_days");
  expect(await restoreState(shared, before)).toBe(false);
});

test.for([
  ["a column that is new", () => "alter table models add column added int"],
  ["a column that is gone", () => "alter table models drop column category"],
  ["a column with another default", () => "alter table models alter column name set default 'a'"],
  [
    "a new partition",
    () => "create table old_views partition of model_views for values from ('1999-01-01') to ('2000-01-01')",
  ],
  ["a partition that is gone", () => "drop table model_views_default"],
  ["a detached partition", () => "alter table model_views detach partition model_views_default"],
  ["an index that is gone", () => "drop index models_category_idx"],
  [
    "a constraint that is gone",
    () => "alter table model_days drop constraint model_days_model_id_models_id_fk",
  ],
  ["a disabled trigger", () => "alter table models disable trigger all"],
  ["a new function", () => "create function one() returns int language sql as 'select 1'"],
  ["a new schema", () => "create schema another"],
  ["a table's setting", () => "alter table models set (autovacuum_enabled = off)"],
  ["rights on a table", () => "grant select on models to public"],
  ["rights on the database", (name: string) => `grant create on database ${name} to public`],
  ["a comment on the database", (name: string) => `comment on database ${name} is 'a comment'`],
  ["a setting of the database", (name: string) => `alter database ${name} set datestyle = German`],
  [
    "a setting of a role in the database",
    (name: string) => `create role ${ROLE}; alter role ${ROLE} in database ${name} set jit = off`,
  ],
  ["statistics for the planner", () => "insert into models select gen_random_uuid(), 'a'; analyze models"],
  ["another row of the migrations", () => "update model_views_migrations set hash = 'another'"],
  ["a migration less", () => "delete from model_views_migrations where id = 1"],
  [
    "many rows",
    () => "insert into models select gen_random_uuid(), repeat('a', 200) from generate_series(1, 8000)",
  ],
] as const)("a database with %s is not used again", async ([, change], { shared }) => {
  const before = await readState(shared);
  expect(await restoreState(shared, before), "without a change").toBe(true);
  await shared.query("begin");
  await shared.query(change(shared.database ?? ""));
  expect(await restoreState(shared, before)).toBe(false);
  await shared.query("rollback");
});

test("a database is used again without rows, and its sequences start again", async () => {
  const used = await acquireDatabase();
  await withClient(used.url, (client) => client.query(ROWS));
  const oid = await oidOf(used.url);
  await used.release();
  const next = await acquireDatabase();
  expect(await oidOf(next.url)).toBe(oid);
  const { rows } = await withClient(next.url, (client) => client.query(COUNTED));
  expect(rows).toEqual([{ rows: "0", next: "1" }]);
  await next.release();
});

test("a changed database is dropped", async () => {
  const used = await acquireDatabase();
  await withClient(used.url, (client) => client.query("create table mine ()"));
  const oid = await oidOf(used.url);
  await used.release();
  const { rows } = await withClient(inject("postgresUrl"), (client) =>
    client.query("select from pg_database where oid = $1", [oid]),
  );
  expect(rows).toEqual([]);
});

test("what is still connected to a released database loses its connection, its locks and its way back", async () => {
  const used = await acquireDatabase();
  const left = new Client({ connectionString: used.url });
  await left.connect();
  const ended = new Promise<void>((resolve) => left.once("end", () => resolve()));
  left.on("error", () => {});
  await left.query("select pg_advisory_lock(1)");
  await left.query("begin");
  await left.query(ROWS);
  await used.release();
  await ended;
  await expect(oidOf(used.url)).rejects.toMatchObject({ code: "3D000" });
  const next = await acquireDatabase();
  const { rows } = await withClient(next.url, (client) =>
    client.query("select pg_try_advisory_lock(1) as locked, (select count(*) from models) as models"),
  );
  expect(rows).toEqual([{ locked: true, models: "0" }]);
  await next.release();
});

test("two that are used at once are two", async () => {
  const both = await Promise.all([acquireDatabase(), acquireDatabase()]);
  const [one, other] = await Promise.all(both.map(({ url }) => oidOf(url)));
  expect(one).not.toBe(other);
  await Promise.all(both.map(({ release }) => release()));
});

test("the databases of a run are dropped at its end, and no others", async () => {
  const run = randomUUID().slice(0, 8);
  const ours = await acquireDatabase();
  await withClient(ours.url, (client) => client.query(`create database test_${run}_1`));
  await dropDatabases(ours.url, run);
  const { rows } = await withClient(ours.url, (client) =>
    client.query("select datname from pg_database where datname like '%' || $1 || '%'", [run]),
  );
  expect(rows).toEqual([]);
  await ours.release();
});

async function oidOf(url: string): Promise<number> {
  const { rows } = await withClient(url, (client) =>
    client.query("select oid from pg_database where datname = current_database()"),
  );
  return rows[0]?.oid;
}
