import { migrate } from "@model-views/db/migrate/migrate.ts";
import { readMigrations } from "@model-views/db/migrate/migrations.ts";
import { planMigrations } from "@model-views/db/migrate/plan-migrations.ts";
import { MIGRATIONS_TABLE } from "@model-views/db/migrate/tables.ts";
import type { Db } from "@model-views/db/postgres/connect.ts";
import { test } from "@model-views/testing/fixtures.ts";
import { expect } from "vitest";

const all = readMigrations();

/** As the version before some migrations had left the database, for those who look at the list of what ran. */
async function forget(db: Db, tags: readonly string[]): Promise<void> {
  const hashes = all.filter(({ tag }) => tags.includes(tag)).map(({ hash }) => hash);
  await db.$client.query(`delete from ${MIGRATIONS_TABLE} where hash = any($1)`, [hashes]);
}

async function schemas(db: Db): Promise<string[]> {
  const { rows } = await db.$client.query<{ name: string }>(
    "select nspname as name from pg_namespace order by 1",
  );
  return rows.map(({ name }) => name);
}

test("a plan has what would run, with the locks that it would take, and changes nothing", async ({
  db,
  databaseUrl,
}) => {
  const before = await schemas(db);
  expect(await planMigrations(db, { databaseUrl })).toEqual([]);
  await forget(db, ["0005_hot_models", "0008_accounting"]);
  const planned = await planMigrations(db, { databaseUrl });
  expect(planned.map(({ tag }) => tag)).toEqual(["0005_hot_models", "0008_accounting"]);
  expect(planned[0]?.locks).toEqual(
    expect.arrayContaining([
      { table: "model_totals", mode: "AccessExclusiveLock" },
      // A foreign key to it is made.
      { table: "models", mode: "ShareRowExclusiveLock" },
    ]),
  );
  expect(planned[1]).toMatchObject({
    locks: [],
    statements: expect.arrayContaining([expect.stringMatching(/^CREATE TABLE/)]),
  });
  expect(await schemas(db)).toEqual(before);
});

test("a plan for an empty database has every migration; the plan's schema is gone also when it fails", async ({
  db,
  databaseUrl,
}) => {
  await db.$client.query("drop schema public cascade; create schema public");
  const planned = await planMigrations(db, { databaseUrl });
  expect(planned.map(({ tag, locks }) => [tag, locks])).toEqual(all.map(({ tag }) => [tag, []]));
  const folder = new URL("./none", import.meta.url).pathname;
  await expect(planMigrations(db, { databaseUrl, folder })).rejects.toThrow();
  expect((await schemas(db)).filter((name) => name.startsWith("model_views_plan"))).toEqual([]);
  expect((await migrate(db, { now: new Date() })).applied).toHaveLength(all.length);
});
