import { dayOf, startOfDay } from "@model-views/db/audiences/reporting-days.ts";
import { dropExpiredPartitions } from "@model-views/db/maintenance/drop-expired-partitions.ts";
import { finalizeViewers } from "@model-views/db/maintenance/finalize-viewers.ts";
import { migrate } from "@model-views/db/migrate/migrate.ts";
import type { Db } from "@model-views/db/postgres/connect.ts";
import { asking, sql, toQuery } from "@model-views/db/postgres/sql.ts";
import { inTransaction } from "@model-views/db/postgres/transaction.ts";
import { recordViews } from "@model-views/db/recording/record-views.ts";
import {
  changeReportingZone,
  isPostponed,
  ZoneChangedError,
} from "@model-views/db/reporting-zone/change-reporting-zone.ts";
import { otherZone, zoneRows, zonesText } from "@model-views/db/reporting-zone/reporting-zone.ts";
import { verifyRollups } from "@model-views/db/rollups/verify-rollups.ts";
import { topInPeriod } from "@model-views/db/stats/period-stats.ts";
import { timeseries } from "@model-views/db/stats/timeseries.ts";
import { test } from "@model-views/testing/fixtures.ts";
import { aModel, aView } from "@model-views/testing/views.ts";
import { describe, expect } from "vitest";
import { CONNECTIONS, makeMonths, makeViewer, waitingForLocks, whileHolding } from "./months.ts";

const now = new Date("2026-11-22T12:00:00Z");
const ANNA = "00000000-0000-4000-8000-00000000000a";

const daysOf = async (db: Db, modelId = ANNA) => {
  const { rows } = await db.$client.query<{ day: string; views: number }>(
    "select day::text, views::int from model_days where model_id = $1 order by 1",
    [modelId],
  );
  return Object.fromEntries(rows.map(({ day, views }) => [day, views]));
};

/** Records a view of Anna at each of these times, each of another viewer. */
async function record(db: Db, ...times: string[]): Promise<void> {
  await aModel(db, { id: ANNA });
  await recordViews(
    db.$client,
    times.map((viewedAt) => aView({ modelId: ANNA, viewedAt: new Date(viewedAt).toISOString() })),
  );
}

/** Views and viewers of each month of a time zone; `statements` are those that were asked. */
async function months(db: Db, { from, to, tz }: { from: string; to: string; tz: string }) {
  const statements: string[] = [];
  const mode = "isolation level repeatable read read only" as const;
  const buckets = await inTransaction(db.$client, { statementTimeoutMs: 20_000, mode }, (ask) =>
    timeseries(
      (statement) => {
        statements.push(typeof statement === "string" ? statement : toQuery(statement).text);
        return ask(statement);
      },
      { from: new Date(from), to: new Date(to), tz, interval: "month", bots: "exclude" },
    ),
  );
  return { statements, found: buckets.map(({ views, uniqueViews }) => [views, uniqueViews]) };
}

describe("days of a reporting time zone", () => {
  test.for([
    ["America/Havana", "2026-10-30T00:00:00Z", "the clock goes back from 1:00 to midnight"],
    ["America/St_Johns", "2010-11-05T00:00:00Z", "the clock went back from 0:01 to the day before"],
    ["Antarctica/Casey", "2010-03-02T00:00:00Z", "the clock went back from 2:00 to the day before"],
    ["Pacific/Apia", "2011-12-28T00:00:00Z", "a day was left out"],
    ["America/Santiago", "2026-09-04T00:00:00Z", "midnight is left out"],
    ["Australia/Lord_Howe", "2026-04-03T00:00:00Z", "the clock goes back half an hour"],
  ] as const)(
    "of %s hold every instant between their bounds around %s, when %s",
    async ([zone, start], { db }) => {
      await db.$client.query(
        `insert into reporting_zones values ('-infinity', '-infinity', $1), ($2::timestamptz + interval '10 hours',
        ($2::timestamptz + interval '1 day')::date, $1)`,
        [zone, start],
      );
      const { rows } = await asking(db.$client)(sql`
      select t, day from (
        select t, ${dayOf(sql`t`)} as day
        from generate_series(${start}::timestamptz, ${start}::timestamptz + interval '6 days', interval '30 seconds') t
      ) instants
      where t < ${startOfDay(sql`day`)} or t >= ${startOfDay(sql`day + 1`)}`);
      expect(rows).toEqual([]);
    },
  );
});

describe("changing the reporting time zone", () => {
  test("counts every day anew, and opens it; a year by month is then answered from what is stored", async ({
    db,
  }) => {
    await makeMonths(db, { now, monthsBack: 12 });
    await record(
      db,
      "2026-08-31T21:59:59Z",
      "2026-08-31T22:00:00Z",
      "2026-09-30T22:30:00Z",
      "2026-10-31T23:00:00Z",
    );
    await finalizeViewers(db.$client, { now });
    expect(Object.keys(await daysOf(db))).toEqual(["2026-08-31", "2026-09-30", "2026-10-31"]);
    const steps: (string | null)[] = [];
    const onStep = ({ firstDay }: { firstDay: string | null }) => void steps.push(firstDay);
    const rows = await changeReportingZone(db.$client, { timeZone: "Europe/Berlin", viewsMax: 2, onStep });
    expect(rows).toEqual([{ timeZone: "Europe/Berlin", firstDay: null, since: null }]);
    expect(steps).toEqual(["2026-09-30", null]);
    expect(Object.keys(await daysOf(db))).toEqual(["2026-08-31", "2026-09-01", "2026-10-01", "2026-11-01"]);
    expect(await verifyRollups(db)).toEqual([]);
    const year = { from: "2025-10-31T23:00:00Z", to: "2026-10-31T23:00:00Z", tz: "Europe/Berlin" };
    const before = await months(db, year);
    await finalizeViewers(db.$client, { now });
    const { found, statements } = await months(db, year);
    expect(found).toEqual(before.found);
    expect(found.slice(-3)).toEqual([
      [1, 1],
      [1, 1],
      [1, 1],
    ]);
    const reads = (table: string) => statements.filter((text) => text.includes(`from ${table}`)).length;
    expect([reads('"site_months"'), reads("model_views")]).toEqual([1, 0]);
    expect(await verifyRollups(db)).toEqual([]);
    // The same again has nothing to do, by any name of the zone.
    await changeReportingZone(db.$client, { timeZone: "Europe/Berlin", onStep });
    expect(steps.length).toBe(2);
    expect(await changeReportingZone(db.$client, { timeZone: "Etc/UTC" })).toMatchObject([
      { timeZone: "UTC", since: null },
    ]);
    expect((await db.$client.query("select from reporting_zones")).rowCount).toBe(0);
  });

  test("leaves days behind retention in their zone, of which all is known as before", async ({ db }) => {
    await makeMonths(db, { now, monthsBack: 6 });
    await record(
      db,
      "2026-08-31T22:30:00Z",
      "2026-09-01T02:00:00Z",
      "2026-09-30T23:00:00Z",
      "2026-10-05T12:00:00Z",
    );
    await finalizeViewers(db.$client, { now });
    await dropExpiredPartitions(db.$client, { now, retentionDays: 70 });
    const rows = await changeReportingZone(db.$client, { timeZone: "America/New_York" });
    expect(rows.map(({ timeZone, firstDay }) => [timeZone, firstDay])).toEqual([
      ["America/New_York", "2026-09-01"],
      ["UTC", null],
    ]);
    // The first day of the new zone begins with September in UTC, and ends at midnight in New York.
    expect(await daysOf(db)).toEqual({ "2026-08-31": 1, "2026-09-01": 1, "2026-09-30": 1, "2026-10-05": 1 });
    expect(await verifyRollups(db)).toEqual([]);
    await finalizeViewers(db.$client, { now });
    const inUtc = { from: "2026-08-01T00:00:00Z", to: "2026-10-01T00:00:00Z", tz: "UTC" };
    expect((await months(db, inUtc)).found).toEqual([
      [1, 1],
      [2, 2],
    ]);
    // Of a part of a removed day in UTC it is not known how many of its views it had.
    const cut = { from: "2026-08-31T04:00:00Z", to: "2026-10-01T04:00:00Z", tz: "America/New_York" };
    expect((await months(db, cut)).found).toEqual([
      [null, null],
      [1, 1],
    ]);
    // Retention goes on: a day in New York is then of a removed month only in part.
    await dropExpiredPartitions(db.$client, { now, retentionDays: 25 });
    expect(await verifyRollups(db)).toEqual([]);
    expect((await months(db, inUtc)).found).toEqual([
      [1, 1],
      [null, null],
    ]);
    const inNewYork = { from: "2026-09-02T04:00:00Z", to: "2026-11-01T04:00:00Z", tz: "America/New_York" };
    expect((await months(db, inNewYork)).found).toEqual([
      [1, 1],
      [1, 1],
    ]);
    const keptPart = { from: "2026-10-01T00:00:00Z", to: "2026-10-01T04:00:00Z", tz: "UTC" };
    expect((await months(db, keptPart)).found).toEqual([[0, 0]]);
    expect(await changeReportingZone(db.$client, { timeZone: "UTC" })).toMatchObject([
      { timeZone: "UTC", firstDay: "2026-10-01" },
      { timeZone: "America/New_York", firstDay: "2026-09-01" },
      { timeZone: "UTC", firstDay: null },
    ]);
    expect(await verifyRollups(db)).toEqual([]);
  });

  test.for(Object.entries(CONNECTIONS))(
    "what waits on %s meanwhile is counted for the new day, what began before is counted anew",
    async ([, open], { db }) => {
      await makeMonths(db, { now, monthsBack: 1 });
      await record(db, "2026-11-20T23:30:00Z");
      await open(db, ANNA);
      const change = (tries: number) =>
        changeReportingZone(db.$client, {
          timeZone: "Europe/Berlin",
          patience: { lockTimeoutMs: 100, tries, pauseMs: 10 },
        });
      let recording: Promise<unknown> = Promise.resolve();
      // A recording that has begun holds the lock; it waits for a viewer of another transaction.
      await whileHolding(
        db,
        (holder) => makeViewer(holder, ANNA, "held"),
        async (_, undo) => {
          const view = aView({
            modelId: ANNA,
            viewerIdentifier: "held",
            viewedAt: "2026-11-21T23:30:00.000Z",
          });
          recording = recordViews(db.$client, [view]);
          await expect.poll(() => waitingForLocks(db)).toBe(1);
          expect(await change(2).catch((error: unknown) => isPostponed(error))).toBe(true);
          expect(await zoneRows(asking(db.$client))).toMatchObject([{ timeZone: "UTC" }]);
          await undo();
        },
      );
      await recording;
      expect(await daysOf(db)).toMatchObject({ "2026-11-20": 1, "2026-11-21": 1 });
      const lock = "lock table model_days in share row exclusive mode";
      await whileHolding(
        db,
        (holder) => holder.query(lock),
        async (release) => {
          const changed = change(1_000);
          recording = record(db, "2026-11-22T23:30:00Z");
          await expect.poll(() => waitingForLocks(db)).toBeGreaterThanOrEqual(1);
          await release();
          await changed;
        },
      );
      await recording;
      expect(await daysOf(db)).toMatchObject({ "2026-11-21": 1, "2026-11-22": 1, "2026-11-23": 1 });
      expect(await verifyRollups(db)).toEqual([]);
    },
  );

  test("waits for no deletion of a model, which waits for none of its locks", async ({ db }) => {
    await record(db, "2026-11-20T23:30:00Z");
    // It would wait longer than this test.
    const patience = { lockTimeoutMs: 600_000, tries: 1, pauseMs: 10 };
    const change = () => changeReportingZone(db.$client, { timeZone: "Europe/Berlin", patience });
    await whileHolding(
      db,
      (holder) => holder.query("select from models for update"),
      async () => {
        expect(await change().catch((error: unknown) => isPostponed(error))).toBe(true);
      },
    );
    expect(await daysOf(db)).toEqual({ "2026-11-20": 1 });
    await change();
    expect(await daysOf(db)).toEqual({ "2026-11-21": 1 });
  });

  test("runs beside recordings: every view is counted once, in the right day", async ({ db }) => {
    await makeMonths(db, { now, monthsBack: 1 });
    await aModel(db, { id: ANNA });
    const view = (minutes: number) =>
      aView({ modelId: ANNA, viewedAt: new Date(now.getTime() - minutes * 60_000).toISOString() });
    await recordViews(
      db.$client,
      Array.from({ length: 500 }, (_, n) => view(n * 30)),
    );
    let isChanging = true;
    let recorded = 500;
    const recording = async () => {
      while (isChanging) {
        const { inserted } = await recordViews(
          db.$client,
          Array.from({ length: 20 }, (_, n) => view(n * 700)),
        );
        recorded += inserted;
      }
    };
    const recordings = [recording(), recording()];
    for (const timeZone of ["Asia/Kolkata", "America/New_York"])
      await changeReportingZone(db.$client, { timeZone, viewsMax: 60 });
    isChanging = false;
    await Promise.all(recordings);
    const counted = Object.values(await daysOf(db)).reduce((sum, views) => sum + views, 0);
    expect(counted).toBe(recorded);
    expect(await verifyRollups(db)).toEqual([]);
  });

  test("stops when another process has begun to change it to another zone", async ({ db }) => {
    await record(db, ...[10, 11, 12, 13, 14].map((day) => `2026-11-${day}T23:30:00Z`));
    const others: Promise<unknown>[] = [];
    const changing = changeReportingZone(db.$client, {
      timeZone: "Europe/Berlin",
      viewsMax: 1,
      onStep() {
        if (others.length > 0) return;
        others.push(changeReportingZone(db.$client, { timeZone: "Asia/Kolkata", viewsMax: 1, stepsMax: 1 }));
      },
    });
    await expect(changing).rejects.toThrow(ZoneChangedError);
    await Promise.all(others);
    const rows = await zoneRows(asking(db.$client));
    expect(rows.map(({ timeZone }) => timeZone)).toEqual(["Asia/Kolkata", "Europe/Berlin", "UTC"]);
    expect(await otherZone(db.$client, "Asia/Kolkata")).toMatch(/not yet those of Asia\/Kolkata: npm run/);
    expect(await verifyRollups(db)).toEqual([]);
    expect(await changeReportingZone(db.$client, { timeZone: "Europe/Berlin" })).toMatchObject([
      { timeZone: "Europe/Berlin", since: null },
    ]);
    expect(await otherZone(db.$client, "Europe/Berlin")).toBeUndefined();
    expect(await verifyRollups(db)).toEqual([]);
  });

  test("retention leaves a month whose days were opened since who viewed on them was stored", async ({
    db,
  }) => {
    await makeMonths(db, { now, monthsBack: 3 });
    await record(db, "2026-08-10T10:00:00Z");
    const zones = await zonesText(asking(db.$client));
    await finalizeViewers(db.$client, { now });
    await changeReportingZone(db.$client, { timeZone: "Europe/Berlin" });
    const retention = { now, retentionDays: 60 };
    expect(await dropExpiredPartitions(db.$client, { ...retention, zones })).toMatchObject({
      months: [],
      postponed: ["2026-08"],
    });
    const changed = await zonesText(asking(db.$client));
    expect(await dropExpiredPartitions(db.$client, { ...retention, zones: changed })).toMatchObject({
      months: ["2026-08"],
    });
  });

  test("a ranking that begins on a day of which a part is removed counts only what it asks for", async ({
    db,
  }) => {
    await makeMonths(db, { now, monthsBack: 3 });
    await changeReportingZone(db.$client, { timeZone: "Europe/Berlin" });
    const other = await aModel(db);
    const removed = ["2026-09-30T22:30:00Z", "2026-09-30T22:40:00Z", "2026-09-30T22:50:00Z"];
    await record(db, ...removed, "2026-10-01T06:00:00Z");
    await recordViews(
      db.$client,
      ["2026-10-01T06:00:00.000Z", "2026-10-01T07:00:00.000Z"].map((viewedAt) =>
        aView({ modelId: other, viewedAt }),
      ),
    );
    await finalizeViewers(db.$client, { now });
    await dropExpiredPartitions(db.$client, { now, retentionDays: 30 });
    // More than half of the first day, which began in September in UTC.
    const { items } = await topInPeriod(asking(db.$client), {
      from: new Date("2026-10-01T05:00:00Z"),
      to: new Date("2026-10-03T00:00:00Z"),
      bots: "exclude",
      sort: "total",
      limit: 10,
    });
    expect(items).toMatchObject([
      { modelId: other, totalViews: 2 },
      { modelId: ANNA, totalViews: 1 },
    ]);
  });

  test("a row of another zone is found by verify-rollups", async ({ db }) => {
    await record(db, "2026-11-20T23:30:00Z");
    await changeReportingZone(db.$client, { timeZone: "Europe/Berlin" });
    await db.$client.query("update reporting_zones set time_zone = 'UTC'");
    const found = await verifyRollups(db);
    expect(found.map(({ rollup, key }) => [rollup, key])).toEqual([
      ["model_days", `${ANNA} 2026-11-20`],
      ["model_days", `${ANNA} 2026-11-21`],
    ]);
  });
});

test("REPORTING_TIME_ZONE is that of a database without views; later it is only compared", async ({ db }) => {
  const { warnings } = await migrate(db, { now, reportingTimeZone: "Asia/Calcutta" });
  expect(warnings).toEqual([]);
  expect(await zoneRows(asking(db.$client))).toMatchObject([
    { timeZone: expect.stringMatching(/^Asia\/(Kolkata|Calcutta)$/) },
  ]);
  expect((await migrate(db, { now, reportingTimeZone: "Asia/Kolkata" })).warnings).toEqual([]);
  await record(db, "2026-11-20T23:30:00Z");
  expect((await migrate(db, { now, reportingTimeZone: "UTC" })).warnings).toEqual([
    expect.stringMatching(
      /^days are those of Asia\/\w+, and REPORTING_TIME_ZONE is UTC: npm run reporting-zone -- UTC changes them$/,
    ),
  ]);
  expect((await migrate(db, { now })).warnings).toEqual([]);
  expect(await daysOf(db)).toEqual({ "2026-11-21": 1 });
});
