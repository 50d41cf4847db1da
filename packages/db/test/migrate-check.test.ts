import { randomUUID } from "node:crypto";
import { migrate } from "@model-views/db/migrate/migrate.ts";
import { connect, type Db } from "@model-views/db/postgres/connect.ts";
import { recordViews } from "@model-views/db/recording/record-views.ts";
import { test as base } from "@model-views/testing/fixtures.ts";
import { aView } from "@model-views/testing/views.ts";
import { describe, expect } from "vitest";

const now = new Date("2026-11-22T12:00:00Z");

type Opened = { as: Db; name: string };

/** A schema `app` that a DBA has made, and a role that owns it and may make nothing else. */
const test = base.extend<{ limited: Opened }>({
  limited: async ({ db, databaseUrl }, use) => {
    const name = `limited_${randomUUID().replaceAll("-", "")}`;
    const database = new URL(databaseUrl).pathname.slice(1);
    await db.$client.query(
      `create role ${name} login password 'of a limited role'; revoke create on database ${database} from public;
       create schema app authorization ${name}`,
    );
    const url = new URL(databaseUrl);
    url.username = name;
    url.password = "of a limited role";
    const as = connect({
      databaseUrl: url.href,
      schema: "app",
      applicationName: "limited",
      connectionsMax: 2,
      statementTimeoutMs: 20_000,
      onError: () => {},
    });
    await use({ as, name });
    await as.$client.end();
    await db.$client.query(`drop owned by ${name} cascade; drop role ${name}`);
  },
});

const inSchema = (databaseUrl: string, schema: string) =>
  connect({
    databaseUrl,
    schema,
    applicationName: "t",
    connectionsMax: 1,
    statementTimeoutMs: 20_000,
    onError: () => {},
  });

async function tablesOf(db: Db, schema: string): Promise<string[]> {
  const { rows } = await db.$client.query<{ name: string }>(
    "select relname::text as name from pg_class where relnamespace = to_regnamespace($1) and relkind in ('r', 'p') order by 1",
    [schema],
  );
  return rows.map(({ name }) => name);
}

describe("a schema other than public", () => {
  test("is made, and has all of our tables and nothing outside of it", async ({ db, databaseUrl }) => {
    await db.$client.query("drop schema public cascade; create schema public; drop schema if exists drizzle");
    const app = inSchema(databaseUrl, 'An "app"');
    await migrate(app, { now });
    await migrate(app, { now });
    await app.$client.query(
      "insert into models (id, name) values ('00000000-0000-4000-8000-000000000007', 'Anna')",
    );
    const view = aView({ modelId: "00000000-0000-4000-8000-000000000007" });
    expect(await recordViews(app.$client, [view])).toMatchObject({ inserted: 1 });
    expect(await tablesOf(db, '"An ""app"""')).toContain("model_views_2026_11");
    expect(await tablesOf(db, "public")).toEqual([]);
    await app.$client.end();
  });

  test("needs no right on the database when it is there", async ({ limited }) => {
    await migrate(limited.as, { now });
    expect(await tablesOf(limited.as, "app")).toContain("model_views_migrations");
  });

  test("is named with what to do where it is not there and may not be made", async ({ db, limited }) => {
    await db.$client.query("drop schema app cascade");
    await expect(migrate(limited.as, { now })).rejects.toThrow(
      new RegExp(`there is no such schema.*create schema "app" authorization "${limited.name}"`),
    );
  });

  test("is named where nothing may be made in it", async ({ db, limited }) => {
    await db.$client.query(
      `alter schema app owner to current_user; grant usage on schema app to ${limited.name}`,
    );
    await expect(migrate(limited.as, { now })).rejects.toThrow(
      new RegExp(`grant usage, create on schema "app" to "${limited.name}"`),
    );
  });

  test("takes over what was noted of migrations in the schema drizzle before", async ({ db }) => {
    await db.$client.query(
      "create schema drizzle; alter table model_views_migrations set schema drizzle; create table drizzle.websites (id int)",
    );
    await migrate(db, { now });
    expect(await tablesOf(db, "public")).toContain("model_views_migrations");
    expect(await tablesOf(db, "drizzle")).toEqual(["websites"]);
  });

  test("with tables of ours and no note of what made them is left alone", async ({ db }) => {
    await db.$client.query("drop table model_views_migrations");
    await expect(migrate(db, { now })).rejects.toThrow(
      /tables with our names already \(audit_log, changed_days, changed_hours, erased_viewers, .*no table model_views_migrations(.|\n)*DATABASE_SCHEMA/,
    );
  });
});

const WRONG_TABLES = [
  [
    "everything is wrong at once",
    "create table models (id text primary key, name varchar(80), category int, slug text not null)",
    [
      "models.id is text, and must be uuid not null",
      "models.name may be null, and must be text not null",
      "models.category is integer, and must be text",
      "models has no column created_at, which must be timestamp with time zone not null",
    ],
  ],
  [
    "times without a zone",
    "create table models (id uuid primary key, name text not null, category text, created_at timestamp not null default now())",
    ["models.created_at is timestamp without time zone, and must be timestamp with time zone not null"],
  ],
  [
    "an id that is not unique",
    "create table models (id uuid not null, name text not null, category text, created_at timestamptz not null, primary key (id, name))",
    ["models.id is not unique: it must be the primary key, or have a unique index"],
  ],
  [
    "an id that may be there twice for a moment",
    "create table models (id uuid not null unique deferrable, name text not null, category text, created_at timestamptz not null)",
    ["models.id is not unique: it must be the primary key, or have a unique index"],
  ],
  [
    "a view",
    "create view models as select gen_random_uuid() as id, 'x'::text as name, null::text as category, now() as created_at",
    ["models is a view, and must be a table"],
  ],
] as const;

describe("the website's own table of models", () => {
  test.for(WRONG_TABLES)("is refused and nothing is made: %s", async ([, make, findings], { limited }) => {
    const { as } = limited;
    await as.$client.query(make);
    const before = await tablesOf(as, "app");
    const error = await migrate(as, { now }).catch((thrown: unknown) => thrown);
    expect(String(error)).toContain(findings.map((finding) => `  - ${finding}`).join("\n"));
    expect(await tablesOf(as, "app")).toEqual(before);
  });

  test("of another role is used with the rights on it, each of which is named", async ({ db, limited }) => {
    const { as, name } = limited;
    await db.$client.query(
      `create table app.models (id uuid primary key, name text not null, category text, created_at timestamptz not null default now(), slug text not null)`,
    );
    await expect(migrate(as, { now })).rejects.toThrow(
      `grant select, references, update on "app".models to "${name}"`,
    );
    expect(await tablesOf(as, "app")).toEqual(["models"]);
    await db.$client.query(`grant select, references, update on app.models to ${name}`);
    const { warnings } = await migrate(as, { now });
    expect(warnings).toEqual([
      "PUT /v1/models/… is refused, and views count all the same: models.slug must not be null and has no default; we may not insert into models",
      "DELETE /v1/models/… is refused: we may not delete from models",
    ]);
    await db.$client.query(
      "insert into app.models (id, name, slug) values ('00000000-0000-4000-8000-000000000007', 'Anna', 'anna')",
    );
    const view = aView({ modelId: "00000000-0000-4000-8000-000000000007" });
    expect(await recordViews(as.$client, [view])).toMatchObject({ inserted: 1 });
    await db.$client.query("delete from app.models");
    expect((await as.$client.query("select from model_views")).rowCount).toBe(0);
  });

  test("may be partitioned, have a domain as its id, and more columns", async ({ limited }) => {
    const { as } = limited;
    await as.$client.query(
      `create domain model_id as uuid;
       create table models (id model_id primary key, name varchar(80) not null, category varchar(20), created_at timestamptz not null default now(), slug text not null default '') partition by hash (id);
       create table models_0 partition of models for values with (modulus 1, remainder 0)`,
    );
    expect(await migrate(as, { now })).toMatchObject({ warnings: [] });
  });

  test("that hides rows from us is used, with a warning", async ({ db, limited }) => {
    const { as, name } = limited;
    await db.$client.query(
      `create table app.models (id uuid primary key, name text not null, category text, created_at timestamptz not null default now());
       alter table app.models enable row level security; grant all on app.models to ${name}`,
    );
    const { warnings } = await migrate(as, { now });
    expect(warnings).toEqual([expect.stringMatching(/^models has row security that applies to us/)]);
  });
});

test("a migration that fails in the middle leaves nothing, and its words are PostgreSQL's", async ({
  db,
  limited,
}) => {
  // By the name of an index that comes late.
  await db.$client.query("create sequence app.site_values_start_idx");
  const error = await migrate(limited.as, { now }).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ cause: { code: "42P07" } });
  expect(await tablesOf(db, "app")).toEqual([]);
});
