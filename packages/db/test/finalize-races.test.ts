import { randomUUID } from "node:crypto";
import { dropExpiredPartitions } from "@model-views/db/maintenance/drop-expired-partitions.ts";
import { finalizeModelDays } from "@model-views/db/maintenance/finalize-model-days.ts";
import { finalizeMonth } from "@model-views/db/maintenance/finalize-months.ts";
import { finalizeSiteDay } from "@model-views/db/maintenance/finalize-site-days.ts";
import { finalizeViewers } from "@model-views/db/maintenance/finalize-viewers.ts";
import { MAINTENANCE_TASKS } from "@model-views/db/maintenance/tasks.ts";
import { deleteModel } from "@model-views/db/models/delete-model.ts";
import type { Db } from "@model-views/db/postgres/connect.ts";
import { recordViews } from "@model-views/db/recording/record-views.ts";
import { verifyRollups } from "@model-views/db/rollups/verify-rollups.ts";
import { eraseViewer } from "@model-views/db/viewers/erase-viewer.ts";
import { test } from "@model-views/testing/fixtures.ts";
import { aModel, aView } from "@model-views/testing/views.ts";
import { describe, expect } from "vitest";
import { answers, recount } from "./answers.ts";
import { makeMonths, waitingForLocks, whileHolding } from "./months.ts";

const now = new Date("2026-11-22T12:00:00Z");
const ANNA = "00000000-0000-4000-8000-00000000000a";
const BERT = "00000000-0000-4000-8000-00000000000b";
const DAY = "2026-10-10";
const MONTH = "2026-10-01";
/** The values of every model are stored. */
const manyViews = { day: 1, month: 1 };
const asked = {
  from: new Date("2026-10-01T00:00:00Z"),
  to: new Date("2026-11-01T00:00:00Z"),
  models: [ANNA, BERT],
};

const finalize = (db: Db) => finalizeViewers(db.$client, { now, manyViews });
const modelDays = (db: Db, day = DAY) => finalizeModelDays(db.$client, { day, manyViews });
const siteDay = (db: Db, day = DAY) => finalizeSiteDay(db.$client, day);
const month = (db: Db) => finalizeMonth(db.$client, { month: MONTH, manyViews });

const viewOf = (modelId: string, viewerIdentifier: string, viewedAt: string, device = "mobile") =>
  aView({ modelId, viewerIdentifier, viewedAt, device });

/** Two models with views of three days; on the first of them Bert has one viewer, who saw nothing else. */
async function makeViews(db: Db): Promise<void> {
  for (const id of [ANNA, BERT]) await aModel(db, { id });
  await recordViews(db.$client, [
    viewOf(ANNA, "one", `${DAY}T10:00:00Z`),
    viewOf(ANNA, "two", `${DAY}T11:00:00Z`, "desktop"),
    viewOf(BERT, "three", `${DAY}T12:00:00Z`),
    viewOf(ANNA, "one", "2026-10-11T10:00:00Z", "desktop"),
    viewOf(BERT, "one", "2026-10-12T10:00:00Z"),
  ]);
}

/** Deletes a model as a website does, whose role may do nothing else and has none of our tables in its search_path. */
async function deleteByOtherRole(db: Db, id: string): Promise<void> {
  const role = `website_${randomUUID().replaceAll("-", "")}`;
  await db.$client.query(`create role ${role}; grant select, delete on models to ${role}`);
  const client = await db.$client.connect();
  try {
    await client.query(`begin; set local role ${role}; set local search_path = nothing`);
    await client.query("delete from public.models where id = $1", [id]);
    await client.query("commit");
  } finally {
    client.release(true);
    await db.$client.query(`drop owned by ${role}; drop role ${role}`);
  }
}

/** What may come in the way of finalizing. */
const CHANGES: [name: string, change: (db: Db) => Promise<unknown>][] = [
  ["a late view", (db) => recordViews(db.$client, [viewOf(ANNA, "four", `${DAY}T13:00:00Z`)])],
  ["the deletion of a model by another role", (db) => deleteByOtherRole(db, BERT)],
  ["the erasure of a viewer", (db) => eraseViewer(db.$client, "two", { now })],
  ["the erasure of the only viewer of a model's day", (db) => eraseViewer(db.$client, "three", { now })],
];

/** Nothing outdated counts as stored: what is stored agrees with the views, and so do the answers. */
async function expectExact(db: Db, when: string): Promise<void> {
  expect(await verifyRollups(db), when).toEqual([]);
  expect(await answers(db, asked), when).toEqual(await recount(db, asked));
}

/** Begins a part of finalizing, which comes to a stop where it writes to a table; makes a change meanwhile, and lets both end. */
async function during(
  db: Db,
  { part, stopsAt, change }: Record<"part" | "change", (db: Db) => Promise<unknown>> & { stopsAt: string },
): Promise<void> {
  const stop = `lock table ${stopsAt} in share mode`;
  await whileHolding(
    db,
    (holder) => holder.query(stop),
    async (release) => {
      const finalizing = part(db);
      await expect.poll(() => waitingForLocks(db)).toBe(1);
      let isChanged = false;
      const changing = change(db).then(() => {
        isChanged = true;
      });
      await expect.poll(async () => isChanged || (await waitingForLocks(db)) === 2).toBe(true);
      await release();
      await Promise.all([finalizing, changing]);
    },
  );
}

async function empty(db: Db): Promise<void> {
  await db.$client.query(
    "truncate models, site_days, site_months, site_values, changed_days, viewer_numbers, erased_viewers cascade",
  );
}

async function viewersWithNumber(db: Db): Promise<string[]> {
  const { rows } = await db.$client.query<{ viewer: string }>(
    "select viewer_identifier as viewer from viewer_numbers order by 1",
  );
  return rows.map(({ viewer }) => viewer);
}

describe("while something else changes the views, finalizing leaves nothing wrong", () => {
  test.for([
    ["days of models", "changed_days", modelDays, async () => {}],
    ["a day of the site", "site_days", siteDay, (db: Db) => modelDays(db)],
    [
      "a month",
      "model_months",
      month,
      async (db: Db) => {
        for (const day of [DAY, "2026-10-11", "2026-10-12"]) {
          await modelDays(db, day);
          await siteDay(db, day);
        }
      },
    ],
  ] as const)("%s", async ([, stopsAt, part, prepare], { db }) => {
    for (const [name, change] of CHANGES) {
      await empty(db);
      await makeViews(db);
      await prepare(db);
      await during(db, { part: (of) => part(of), stopsAt, change });
      await expectExact(db, `after ${name}`);
      await finalize(db);
      await expectExact(db, `after ${name}, finalized again`);
      expect(await finalize(db), name).toEqual({ modelDays: 0, siteDays: 0, months: 0 });
    }
  });

  test("two processes that finalize at once store a month once", async ({ db }) => {
    await makeViews(db);
    await finalize(db);
    await db.$client.query("delete from site_months; delete from model_months; delete from model_values");
    await whileHolding(
      db,
      (holder) => holder.query("lock table site_months in share mode"),
      async (release) => {
        const both = [finalize(db), finalize(db)];
        await expect.poll(() => waitingForLocks(db)).toBe(2);
        await release();
        const months = (await Promise.all(both)).map((did) => did.months);
        expect(months.toSorted()).toEqual([0, 1]);
      },
    );
    await expectExact(db, "after both");
  });

  test("a month is left to the next time while a transaction deletes one model after the other", async ({
    db,
  }) => {
    await makeViews(db);
    const other = await aModel(db);
    await recordViews(db.$client, [viewOf(other, "one", "2026-09-10T10:00:00Z")]);
    await finalize(db);
    await db.$client.query("delete from site_months; delete from model_months");
    await whileHolding(
      db,
      (holder) => holder.query("delete from models where id = $1", [other]),
      async (release) => {
        // If it waited, it would keep Bert from being deleted, and the two would wait for each other.
        expect(await month(db)).toBe(false);
        await release();
      },
    );
    expect(await finalize(db)).toMatchObject({ months: 1 });
    await expectExact(db, "after both");
  });

  test("a process that is killed between two transactions leaves nothing wrong", async ({ db }) => {
    await makeViews(db);
    const late = () => recordViews(db.$client, [viewOf(BERT, "five", `${DAY}T14:00:00Z`)]);
    const parts = [
      () => modelDays(db),
      () => siteDay(db),
      () => modelDays(db, "2026-10-11"),
      () => siteDay(db, "2026-10-11"),
      () => modelDays(db, "2026-10-12"),
      () => siteDay(db, "2026-10-12"),
      () => month(db),
      late,
      () => modelDays(db),
      () => siteDay(db),
    ];
    for (const [index, part] of parts.entries()) {
      await part();
      await expectExact(db, `after part ${index}`);
    }
    expect(await finalize(db)).toEqual({ modelDays: 0, siteDays: 0, months: 1 });
    await expectExact(db, "at the end");
  });
});

describe("retention beside finalizing", () => {
  test("between a day of models and that of the site leaves the viewers known, and the values unknown", async ({
    db,
  }) => {
    await makeMonths(db, { now, monthsBack: 3 });
    await makeViews(db);
    const before = await answers(db, asked);
    for (const day of [DAY, "2026-10-11", "2026-10-12"]) await modelDays(db, day);
    await dropExpiredPartitions(db.$client, { now, retentionDays: 1 });
    await finalize(db);
    expect(await verifyRollups(db)).toEqual([]);
    const after = await answers(db, asked);
    const [site, ...models] = after.ofEach;
    const [siteBefore, ...modelsBefore] = before.ofEach;
    expect(models, "the values of models were stored with their days").toEqual(modelsBefore);
    expect(site).toEqual({ ...siteBefore, devices: { items: [], totalViews: 0, isIncomplete: true } });
  });

  test("in the middle of a month leaves no values of a part of the views", async ({ db }) => {
    await makeViews(db);
    for (const day of [DAY, "2026-10-11", "2026-10-12"]) {
      await modelDays(db, day);
      await siteDay(db, day);
    }
    await during(db, {
      part: month,
      // After the values of the first model were read.
      stopsAt: "model_values",
      change: async () => {
        await db.$client.query(`insert into retired_months values ('${MONTH}')`);
        await db.$client.query("delete from model_views where model_id = $1 and viewed_at < '2026-10-11'", [
          BERT,
        ]);
      },
    });
    expect(await verifyRollups(db)).toEqual([]);
    const { rows } = await db.$client.query<{ id: string; views: number }>(
      "select model_id as id, sum(views)::int as views from model_values where unit = 'month' and dimension = 'device' group by 1",
    );
    expect(rows, "Bert has two views").toEqual([{ id: ANNA, views: 3 }]);
  });
});

describe("numbers of viewers", () => {
  test("a viewer who is erased while numbers are given has none afterwards", async ({ db }) => {
    await makeViews(db);
    await whileHolding(
      db,
      // The first who would get one.
      (holder) => holder.query("insert into viewer_numbers (viewer_identifier) values ('one')"),
      async (_, undo) => {
        const finalizing = modelDays(db);
        await expect.poll(() => waitingForLocks(db)).toBe(1);
        let isErased = false;
        const erasing = eraseViewer(db.$client, "two", { now }).then(() => {
          isErased = true;
        });
        await expect.poll(async () => isErased || (await waitingForLocks(db)) === 2).toBe(true);
        await undo();
        await Promise.all([finalizing, erasing]);
      },
    );
    expect(await viewersWithNumber(db)).toEqual(["one", "three"]);
  });

  test("are deleted when nothing else is stored of a viewer: also of those whose models were deleted, and without retention", async ({
    db,
  }) => {
    await makeViews(db);
    await finalize(db);
    await deleteModel(db, ANNA);
    await MAINTENANCE_TASKS.retention.run(db.$client, {
      now,
      retentionDays: 0,
      unknownModels: { viewsMax: 100, days: 1 },
    });
    expect(await viewersWithNumber(db), "Bert's").toEqual(["one", "three"]);
    await finalize(db);
    await expectExact(db, "afterwards");
  });

  test("a viewer whose number is deleted counts as a new one, with views that retention has removed", async ({
    db,
  }) => {
    await makeMonths(db, { now, monthsBack: 3 });
    await makeViews(db);
    const retention = { now, retentionDays: 1, unknownModels: { viewsMax: 100, days: 1 } };
    await MAINTENANCE_TASKS.retention.run(db.$client, retention);
    expect(await viewersWithNumber(db)).toEqual([]);
    await recordViews(db.$client, [
      viewOf(ANNA, "one", "2026-11-20T10:00:00Z"),
      viewOf(ANNA, "one", "2026-11-20T11:00:00Z"),
    ]);
    const autumn = { ...asked, to: new Date("2026-12-01T00:00:00Z") };
    const stats = { totalViews: 5, uniqueViews: 3 };
    for (const when of ["before", "after"]) {
      const { models } = await answers(db, autumn);
      expect(models, `${when} the new day is finalized`).toMatchObject([
        { modelId: ANNA, ...stats },
        { modelId: BERT },
      ]);
      await finalize(db);
    }
    const { rows } = await db.$client.query(
      "select total_views::int, unique_viewers::int from model_totals where model_id = $1",
      [ANNA],
    );
    expect(rows, "as of all time").toEqual([{ total_views: 5, unique_viewers: 3 }]);
  });
});
