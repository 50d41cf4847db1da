import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { MAINTENANCE_TASKS } from "@model-views/db/maintenance/tasks.ts";
import { migrate } from "@model-views/db/migrate/migrate.ts";
import { requireReading, requireRights } from "@model-views/db/migrate/rights.ts";
import { deleteModel } from "@model-views/db/models/delete-model.ts";
import { putModel } from "@model-views/db/models/put-model.ts";
import { connect, type Db } from "@model-views/db/postgres/connect.ts";
import { recordViews } from "@model-views/db/recording/record-views.ts";
import { verifyRollups } from "@model-views/db/rollups/verify-rollups.ts";
import { eraseViewer } from "@model-views/db/viewers/erase-viewer.ts";
import { test as base } from "@model-views/testing/fixtures.ts";
import { aView } from "@model-views/testing/views.ts";
import { describe, expect } from "vitest";

const now = new Date("2026-11-22T12:00:00Z");

const WEBSITES_TABLE = `create table app.models (
  id uuid primary key, name text not null, category text, created_at timestamptz not null default now())`;

/** The statements of docs/databases.md, for these roles. */
async function documented(names: Record<"owner" | "stats" | "database", string>): Promise<string[]> {
  const text = await readFile(new URL("../../../docs/databases.md", import.meta.url), "utf8");
  const blocks = [...text.matchAll(/^```sql\n(.*?)^```$/gms)].map(([, block = ""]) => block);
  return blocks
    .join("")
    .replaceAll("model_views_stats", names.stats)
    .replaceAll("model_views_owner", names.owner)
    .replaceAll("the_database", names.database)
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("--"));
}

type World = {
  owner: Db;
  stats: Db;
  names: Record<"owner" | "stats" | "database", string>;
  statements: string[];
};

/** A database whose public may do nothing, with the website's own models, and two roles with what is documented. */
const test = base.extend<{ world: World }>({
  world: async ({ db, databaseUrl }, use) => {
    const random = randomUUID().replaceAll("-", "");
    const database = new URL(databaseUrl).pathname.slice(1);
    const names = { owner: `owner_${random}`, stats: `stats_${random}`, database };
    const { $client: admin } = db;
    await admin.query(`revoke all on database ${database} from public; create schema app; ${WEBSITES_TABLE}`);
    const statements = await documented(names);
    const beforeMigrating = statements.filter((statement) => !/to stats_/.test(statement));
    for (const statement of beforeMigrating) await admin.query(statement);
    const as = (name: string) => {
      const url = new URL(databaseUrl);
      url.username = name;
      url.password = "…";
      return connect({
        databaseUrl: url.href,
        schema: "app",
        applicationName: "rights test",
        connectionsMax: 2,
        statementTimeoutMs: 20_000,
        onError: () => {},
      });
    };
    const [owner, stats] = [as(names.owner), as(names.stats)];
    await migrate(owner, { now });
    for (const statement of statements) {
      if (!beforeMigrating.includes(statement)) await admin.query(statement);
    }
    await use({ owner, stats, names, statements });
    await Promise.all([owner.$client.end(), stats.$client.end()]);
    await admin.query(
      `drop owned by ${names.owner}, ${names.stats} cascade; drop role ${names.owner}, ${names.stats}`,
    );
  },
});

/** The owner's rights that are checked each time the service reports whether it is ready. */
const OF_THE_OWNER = [
  [
    "usage on schema app",
    "revoke usage on schema app from OWNER",
    /grant usage, create on schema app to OWNER/,
  ],
  [
    "create on schema app",
    "revoke create on schema app from OWNER",
    /grant usage, create on schema app to OWNER/,
  ],
  [
    "select on models",
    "revoke select on app.models from OWNER",
    /grant select \(id, .*\) on app.models to OWNER/,
  ],
  ["update on models", "revoke update on app.models from OWNER", /grant update on app.models to OWNER/],
  [
    "a table",
    "alter table app.model_days owner to current_user",
    /alter table app.model_days owner to OWNER/,
  ],
  [
    "the function of a trigger",
    "alter function app.model_days_deleted() owner to current_user",
    /alter function app.model_days_deleted\(\) owner to OWNER/,
  ],
] as const;

const OF_QUESTIONS = [
  ["usage on schema app", "revoke usage on schema app from STATS", /grant usage on schema app to STATS/],
  [
    "a table",
    "revoke select on app.model_days from STATS",
    /superuser: grant select on app.model_days to STATS$/,
  ],
  [
    "a column of models",
    "revoke select (category) on app.models from STATS",
    /superuser: grant select \(id, .*\) on app.models to STATS$/,
  ],
] as const;

describe("roles with the rights that are documented and no others", () => {
  test("record, maintain, change models and answer", async ({ world: { owner, stats } }) => {
    await requireRights(owner.$client);
    await requireReading(stats.$client);
    const modelId = randomUUID();
    expect(await putModel(owner, { id: modelId, name: "Anna", category: null })).toMatchObject({
      created: true,
    });
    expect(await recordViews(owner.$client, [aView({ modelId })])).toMatchObject({ inserted: 1 });
    expect((await stats.$client.query("select from model_views")).rowCount).toBe(1);
    const old = aView({ modelId, viewerIdentifier: "old", viewedAt: "2026-08-01T10:00:00.000Z" });
    expect(await recordViews(owner.$client, [old])).toMatchObject({ inserted: 1 });
    for (const task of Object.values(MAINTENANCE_TASKS)) {
      await task.run(owner.$client, {
        now: new Date("2027-01-15T00:00:00Z"),
        retentionDays: 90,
        unknownModels: { viewsMax: 100, days: 30 },
      });
    }
    expect((await owner.$client.query("select from retired_months")).rowCount).toBe(1);
    expect(await eraseViewer(owner.$client, "old", { now })).toMatchObject({ models: 0 });
    expect(await verifyRollups(owner)).toEqual([]);
    expect(await deleteModel(owner, modelId)).toBe(true);
  });

  test("are named one by one when they are missing", async ({ db, world: { owner, stats, names } }) => {
    const named = (text: string) => text.replace("OWNER", names.owner).replace("STATS", names.stats);
    for (const [cases, require] of [
      [OF_THE_OWNER, () => requireRights(owner.$client)],
      [OF_QUESTIONS, () => requireReading(stats.$client)],
    ] as const) {
      for (const [what, revoke, message] of cases) {
        await db.$client.query(named(revoke));
        const error = await require().catch((thrown: unknown) => thrown);
        expect(String(error), what).toMatch(new RegExp(named(message.source)));
        // The statement that it names grants what is missing.
        const [, statements = ""] = /superuser: (.*)$/.exec(String(error)) ?? [];
        await db.$client.query(statements.replaceAll("app.models to", "app.models to"));
        await require();
      }
    }
  });

  test("may not connect when that is missing, in PostgreSQL's words", async ({
    db,
    world: { stats, names },
  }) => {
    await stats.$client.query("select 1");
    await db.$client.query(`revoke connect on database ${names.database} from ${names.stats}`);
    const both = Promise.all([1, 2].map(() => requireReading(stats.$client)));
    await expect(both).rejects.toThrow(/superuser: grant connect on database|permission denied for database/);
  });
});

test("a schema without migrations is reported as needing them", async ({ db }) => {
  await db.$client.query("drop table model_days");
  await expect(requireRights(db.$client)).rejects.toThrow(
    "npm run migrate, which makes the table model_days",
  );
});
