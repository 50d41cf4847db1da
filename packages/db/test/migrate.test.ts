import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { migrate } from "@model-views/db/migrate/migrate.ts";
import { ensureMonthPartitions } from "@model-views/db/migrate/partitions.ts";
import { TABLES } from "@model-views/db/migrate/tables.ts";
import { deleteModel } from "@model-views/db/models/delete-model.ts";
import { connect } from "@model-views/db/postgres/connect.ts";
import { explainFailure } from "@model-views/db/postgres/failure.ts";
import { recordViews } from "@model-views/db/recording/record-views.ts";
import { verifyRollups } from "@model-views/db/rollups/verify-rollups.ts";
import * as schema from "@model-views/db/schema.ts";
import { test } from "@model-views/testing/fixtures.ts";
import { aModel, aView } from "@model-views/testing/views.ts";
import { getTableName, is } from "drizzle-orm";
import { PgTable } from "drizzle-orm/pg-core";
import { describe, expect } from "vitest";
import journal from "../migrations/meta/_journal.json" with { type: "json" };

const now = new Date("2026-11-22T12:00:00Z");

/** A database without our schema. */
const emptied = async (db: ReturnType<typeof connect>) => {
  await db.$client.query("drop schema public cascade; create schema public");
};

describe("migrate", () => {
  test("works on an empty database by several processes at once, and again", async ({ db, databaseUrl }) => {
    await emptied(db);
    const processes = Array.from({ length: 4 }, () =>
      connect({
        databaseUrl,
        applicationName: "migrator",
        connectionsMax: 1,
        statementTimeoutMs: 20_000,
        onError: () => {},
      }),
    );
    await Promise.all(processes.map((each) => migrate(each, { now })));
    await Promise.all(processes.map((each) => each.$client.end()));
    await migrate(db, { now });
    expect(await partitions(db)).toEqual([
      "model_views_2026_08",
      "model_views_2026_09",
      "model_views_2026_10",
      "model_views_2026_11",
      "model_views_2026_12",
      "model_views_2027_01",
      "model_views_2027_02",
      "model_views_default",
    ]);
    const { rows } = await db.$client.query("select count(*)::int as applied from model_views_migrations");
    expect(rows).toEqual([{ applied: journal.entries.length }]);
  });

  test("finds in the schema alone what ran, so that a backup of it can be restored and migrated", async ({
    db,
  }) => {
    const modelId = await aModel(db);
    await recordViews(db.$client, [aView({ modelId })]);
    const { rows: others } = await db.$client.query<{ name: string }>(
      "select quote_ident(nspname) as name from pg_namespace where nspname !~ '^pg_' and nspname not in ('public', 'information_schema')",
    );
    // What a dump of the schema does not have.
    for (const { name } of others) await db.$client.query(`drop schema ${name} cascade`);
    await migrate(db, { now });
    expect((await db.$client.query("select from model_views")).rowCount).toBe(1);
  });

  test("runs a migration of another branch that was written earlier and merged later", async ({ db }) => {
    await withMigrations(async (folder, add) => {
      await add("0100_of_main", 2_000, "create table of_main (id int)");
      expect(await migrate(db, { now, folder })).toMatchObject({ applied: ["0100_of_main"] });
      await add("0101_of_a_branch", 1_000, "alter table of_main add column note text");
      expect(await migrate(db, { now, folder })).toMatchObject({ applied: ["0101_of_a_branch"] });
      await db.$client.query("select note from of_main");
      expect(await migrate(db, { now, folder })).toMatchObject({ applied: [] });
    });
  });

  test("names the migration that fails, and leaves nothing of those before it", async ({ db }) => {
    await withMigrations(async (folder, add) => {
      await add("0100_good", 1_000, "create table good (id int)");
      await add("0101_bad", 2_000, "alter table nowhere add column note text");
      const error = await migrate(db, { now, folder }).catch((thrown: unknown) => thrown);
      expect(explainFailure(error)).toBe(
        'the migration 0101_bad failed, and nothing was changed. PostgreSQL says: ERROR: relation "nowhere" does not exist (SQLSTATE 42P01)',
      );
      await expect(db.$client.query("select from good")).rejects.toThrow('"good" does not exist');
    });
  });

  test.for([
    ["texts that were changed before the first release", "hash = 'of another text'"],
    ["files that were written again", "created_at = created_at + 1"],
  ])("runs nothing again on a database of an older version: %s", async ([, change], { db }) => {
    await db.$client.query(`update model_views_migrations set ${change}`);
    expect(await migrate(db, { now })).toMatchObject({ applied: [] });
  });

  test("keeps the website's own table of models and its rows", async ({ db }) => {
    await emptied(db);
    await db.$client.query(
      `create table models (id uuid primary key, name text not null, category text, created_at timestamptz not null default now(), agency text);
       insert into models (id, name, agency) values ('00000000-0000-4000-8000-000000000007', 'Anna', 'North')`,
    );
    await migrate(db, { now });
    expect(
      await recordViews(db.$client, [aView({ modelId: "00000000-0000-4000-8000-000000000007" })]),
    ).toMatchObject({ inserted: 1 });
    const { rows } = await db.$client.query("select name, agency from models");
    expect(rows).toEqual([{ name: "Anna", agency: "North" }]);
  });

  test("makes partitions beside deletions of models, with no deadlock", async ({ db }) => {
    const months = Array.from({ length: 8 }, (_, i) => new Date(Date.UTC(2031 + i, 6, 1)));
    const deletions = months.flatMap(() =>
      Array.from({ length: 6 }, async () => expect(await deleteModel(db, await aModel(db))).toBe(true)),
    );
    for (const month of months) await ensureMonthPartitions(db.$client, { now: month, monthsBack: 3 });
    await Promise.all(deletions);
    expect(await partitions(db)).toHaveLength(8 * 7 + 8);
  });

  test("moves the views of a new month out of the default partition", async ({ db }) => {
    const modelId = await aModel(db);
    await recordViews(db.$client, [
      aView({ modelId, viewedAt: "2031-05-01T00:00:00.000Z" }),
      aView({ modelId, viewedAt: "2031-05-31T23:59:59.999Z" }),
      aView({ modelId, viewedAt: "2031-06-30T00:00:00.000Z" }),
      aView({ modelId, viewedAt: "2040-01-01T00:00:00.000Z" }),
    ]);
    const made = await ensureMonthPartitions(db.$client, { now: new Date("2031-05-15T00:00:00Z") });
    expect(made).toContain("model_views_2031_05");
    expect(await ensureMonthPartitions(db.$client, { now: new Date("2031-05-15T00:00:00Z") })).toEqual([]);
    const { rows } = await db.$client.query(
      "select tableoid::regclass::text as partition, count(*)::int as views from model_views group by 1 order by 1",
    );
    expect(rows).toEqual([
      { partition: "model_views_2031_05", views: 2 },
      { partition: "model_views_2031_06", views: 1 },
      { partition: "model_views_default", views: 1 },
    ]);
    expect(await verifyRollups(db)).toEqual([]);
  });

  test("a month's partition has the keys and indexes of the table it belongs to", async ({ db }) => {
    await ensureMonthPartitions(db.$client, { now: new Date("2031-05-15T00:00:00Z") });
    const { rows } = await db.$client.query<{ definition: string }>(
      "select regexp_replace(indexdef, '.* USING ', '') as definition from pg_indexes where tablename = 'model_views_2031_05' order by 1",
    );
    expect(rows.map(({ definition }) => definition)).toEqual([
      "brin (viewed_at)",
      "btree (model_id, viewed_at, id)",
      "btree (viewer_identifier)",
    ]);
  });

  test("the migrations make what the schema describes", async () => {
    const folder = fileURLToPath(new URL("..", import.meta.url));
    const copy = await mkdtemp(join(tmpdir(), "model-views-migrations-"));
    try {
      await cp(join(folder, "migrations"), copy, { recursive: true });
      const { stdout } = await promisify(execFile)(
        join(folder, "node_modules", ".bin", "drizzle-kit"),
        ["generate", "--dialect", "postgresql", "--schema", "src/schema.ts", "--out", relative(folder, copy)],
        { cwd: folder },
      );
      expect(stdout).toMatch(/No schema changes/);
    } finally {
      await rm(copy, { recursive: true });
    }
  });
});

/** A copy of our migrations, and how to add one: with milliseconds after the last of ours. */
async function withMigrations(
  work: (folder: string, add: (tag: string, afterMs: number, sql: string) => Promise<void>) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "model-views-migrations-"));
  try {
    await cp(fileURLToPath(new URL("../migrations", import.meta.url)), folder, { recursive: true });
    const last = journal.entries.at(-1)?.when ?? 0;
    const entries: { tag: string; when: number }[] = [...journal.entries];
    await work(folder, async (tag, afterMs, sql) => {
      entries.push({ tag, when: last + afterMs });
      await writeFile(join(folder, `${tag}.sql`), sql);
      await writeFile(join(folder, "meta", "_journal.json"), JSON.stringify({ entries }));
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function partitions(db: ReturnType<typeof connect>): Promise<string[]> {
  const { rows } = await db.$client.query<{ name: string }>(
    "select inhrelid::regclass::text as name from pg_inherits where inhparent = 'model_views'::regclass order by 1",
  );
  return rows.map(({ name }) => name);
}

test("the migrations name no schema, and TABLES names every table", async () => {
  const folder = fileURLToPath(new URL("../migrations", import.meta.url));
  for (const { tag } of journal.entries) {
    const sql = await readFile(join(folder, `${tag}.sql`), "utf8");
    expect(sql, `${tag}: take "public". out of what drizzle-kit writes`).not.toMatch(/"?\bpublic\b"?\./);
  }
  const tables = Object.values(schema).filter((value) => is(value, PgTable));
  expect([...TABLES, "models"].toSorted()).toEqual(tables.map(getTableName).toSorted());
});
