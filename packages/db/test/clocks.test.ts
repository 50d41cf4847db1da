import { dropExpiredPartitions } from "@model-views/db/maintenance/drop-expired-partitions.ts";
import {
  MAINTENANCE_TASKS,
  type MaintenanceTaskName,
  runMaintenance,
} from "@model-views/db/maintenance/tasks.ts";
import { agreedTime, ClocksDifferError, databaseTime, laterTime } from "@model-views/db/postgres/clocks.ts";
import { recordViews } from "@model-views/db/recording/record-views.ts";
import { test } from "@model-views/testing/fixtures.ts";
import { aModel, aView } from "@model-views/testing/views.ts";
import { describe, expect } from "vitest";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const aheadBy = (ms: number) => () => new Date(Date.now() + ms);
const retentionDays = 90;
const kept = { retentionDays, unknownModels: { viewsMax: 100, days: 30 } };

describe("what deletes", () => {
  test.for([
    ["a clock a minute ahead", MINUTE_MS],
    ["a clock a minute behind", -MINUTE_MS],
  ] as const)("is done with %s, at PostgreSQL's time", async ([, ms], { db }) => {
    const time = await agreedTime(db.$client, aheadBy(ms));
    expect(Math.abs(time.getTime() - Date.now())).toBeLessThan(MINUTE_MS / 2);
  });

  test.for([
    ["three minutes ahead", 3 * MINUTE_MS, "3 minutes"],
    ["three minutes behind", -3 * MINUTE_MS, "3 minutes"],
    ["a day ahead", DAY_MS, "24 hours"],
    ["105 days ahead", 105 * DAY_MS, "105 days"],
  ] as const)("is refused with a clock %s, in words", async ([, ms, words], { db }) => {
    const refused = agreedTime(db.$client, aheadBy(ms));
    await expect(refused).rejects.toThrow(ClocksDifferError);
    await expect(refused).rejects.toThrow(`differ by ${words}, this process's time is`);
  });

  test.for(["retention", "purge-rejected"] as const)(
    "%s is refused, and nothing is gone",
    async (name, { db }) => {
      const modelId = await aModel(db);
      await recordViews(db.$client, [aView({ modelId }), aView()]);
      const options = { now: aheadBy(105 * DAY_MS), ...kept };
      await expect(runMaintenance(db.$client, name, options)).rejects.toThrow(ClocksDifferError);
      const { rows } = await db.$client.query(
        "select (select count(*)::int from model_views) as views, (select count(*)::int from rejected_views) as rejected",
      );
      expect(rows).toEqual([{ views: 1, rejected: 1 }]);
    },
  );

  test("is what is marked as deleting: no other task has a retention", () => {
    const deleting = Object.entries(MAINTENANCE_TASKS).filter(([, { deletes }]) => deletes);
    expect(deleting.map(([name]) => name)).toEqual([
      "retention",
      "purge-rejected",
      "trim-unknown",
      "forget-jobs",
      "purge-audit",
    ]);
  });

  test("goes by months that are over for PostgreSQL, if the process's clock is within two minutes of it", async ({
    db,
  }) => {
    const modelId = await aModel(db);
    const now = await databaseTime(db.$client);
    await recordViews(db.$client, [
      aView({ modelId, viewedAt: new Date(now.getTime() - 200 * DAY_MS).toISOString() }),
    ]);
    expect(await runMaintenance(db.$client, "retention", { now: aheadBy(0), ...kept })).toMatch(
      /^removed 1 views/,
    );
    expect(await dropExpiredPartitions(db.$client, { now, retentionDays })).toMatchObject({ views: 0 });
  });
});

describe("what only makes something", () => {
  test.for(["partitions", "finalize-viewers", "finalize-hours", "redrive"] satisfies MaintenanceTaskName[])(
    "%s goes by PostgreSQL's time, and is not refused",
    async (name, { db }) => {
      const partitions = async () =>
        (await db.$client.query("select from pg_inherits where inhparent = 'model_views'::regclass"))
          .rowCount;
      const before = await partitions();
      await runMaintenance(db.$client, name, { now: aheadBy(105 * DAY_MS), ...kept });
      // None of months that have not come.
      expect(await partitions()).toBe(before);
    },
  );
});

describe("an erasure", () => {
  test.for([
    ["an hour behind: PostgreSQL's", -60 * MINUTE_MS, 0],
    ["an hour ahead: its own", 60 * MINUTE_MS, 60 * MINUTE_MS],
  ] as const)("has the later time of a process %s", async ([, ms, expectedMs], { db }) => {
    const time = await laterTime(db.$client, aheadBy(ms));
    expect(Math.abs(time.getTime() - Date.now() - expectedMs)).toBeLessThan(MINUTE_MS / 2);
  });
});
