import { createHash } from "node:crypto";
import { finalizeViewers } from "@model-views/db/maintenance/finalize-viewers.ts";
import { ensureMonthPartitions } from "@model-views/db/migrate/partitions.ts";
import { connect, type Db } from "@model-views/db/postgres/connect.ts";
import { type Ask, asking } from "@model-views/db/postgres/sql.ts";
import { inTransaction } from "@model-views/db/postgres/transaction.ts";
import { breakdown } from "@model-views/db/stats/breakdown.ts";
import { manyModelStats } from "@model-views/db/stats/model-stats.ts";
import { manyPeriodStats, topInPeriod } from "@model-views/db/stats/period-stats.ts";
import { timeseries } from "@model-views/db/stats/timeseries.ts";
import { topModels } from "@model-views/db/stats/top-models.ts";
import { viewersOverTime } from "@model-views/db/stats/viewers-over-time.ts";
import { test } from "@model-views/testing/fixtures.ts";
import { describe, expect } from "vitest";
import { makeModels, makeViews } from "../src/stats/make-views.ts";
import { type Reading, watched } from "./read-rows.ts";

const VIEWS = 20_000;
const now = new Date("2026-11-22T18:00:00Z");
const DAY_MS = 86_400_000;
const before = (days: number) => new Date(now.getTime() - days * DAY_MS);
const days = (count: number) => ({ from: new Date(before(count).setUTCHours(0, 0, 0, 0)), to: now });

/** The model with that rank; 1 is the most viewed. */
const model = (rank: number) =>
  createHash("md5")
    .update(`model ${rank}`)
    .digest("hex")
    .replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
const hottest = model(1);
const bots = "exclude" as const;
const month = { from: before(30), to: now, bots };
const series = { interval: "day", tz: "UTC", bots } as const;

type Question = (ask: Ask, db: Db) => Promise<unknown>;

/** The most that each question may read, in percent of a table's rows. Other tables it may not read at all. */
const QUESTIONS: [name: string, ask: Question, percent: Record<string, number>][] = [
  ["totals of a model", (_, db) => manyModelStats(db, [hottest], bots), {}],
  [
    "totals of 200 models",
    (_, db) =>
      manyModelStats(
        db,
        Array.from({ length: 200 }, (_, index) => model(index + 1)),
        bots,
      ),
    {},
  ],
  ["the top ten", (_, db) => topModels(db, { sort: "total", limit: 10, now }), {}],
  ["what is trending", (_, db) => topModels(db, { sort: "trending", limit: 10, now }), {}],
  [
    "the top ten of 30 days",
    (ask) => topInPeriod(ask, { ...month, sort: "total", limit: 10 }),
    { model_views: 1, model_days: 20, viewer_numbers: 1 },
  ],
  [
    "the top ten of 30 days by viewers",
    (ask) => topInPeriod(ask, { ...month, sort: "unique", limit: 10 }),
    { model_views: 1, model_days: 20, viewer_numbers: 1 },
  ],
  [
    "200 models in 30 days",
    (ask) =>
      manyPeriodStats(
        ask,
        Array.from({ length: 200 }, (_, index) => model(index * 10 + 1)),
        month,
      ),
    { model_views: 1, model_days: 10, viewer_numbers: 0.5 },
  ],
  [
    "90 days of a model",
    (ask) => timeseries(ask, { ...days(89), ...series, modelId: hottest }),
    { model_views: 0.2, model_days: 1, model_months: 0.1 },
  ],
  [
    "90 days of the site",
    (ask) => timeseries(ask, { ...days(89), ...series }),
    { model_views: 1, model_days: 30 },
  ],
  [
    "12 weeks of the site, whole ones",
    (ask) =>
      timeseries(ask, {
        ...series,
        interval: "week",
        from: new Date("2026-08-24T00:00:00Z"),
        to: new Date("2026-11-16T00:00:00Z"),
      }),
    { model_days: 30 },
  ],
  [
    "90 days of a model in another time zone",
    (ask) => timeseries(ask, { ...days(89), ...series, tz: "Asia/Kathmandu", modelId: hottest }),
    { model_views: 3, model_days: 1, model_months: 0.1 },
  ],
  [
    "new and returning viewers of a model in 90 days",
    (ask) => viewersOverTime(ask, { ...days(89), ...series, modelId: hottest }),
    { model_views: 0.2, model_viewers: 5, model_days: 2, model_months: 0.1 },
  ],
  [
    "a model's countries in 30 days",
    (ask) => breakdown(ask, { ...month, by: "country", limit: 100, modelId: hottest }),
    { model_views: 1.5, model_days: 2, viewer_numbers: 5 },
  ],
];

/** Tables with one row for a model, a month, a day of the site or a time zone: these may be read completely. */
const SMALL = [
  "models",
  "model_totals",
  "retired_months",
  "reporting_zones",
  "site_days",
  "site_months",
  "changed_days",
];
/** Tables that grow with views, viewers or models. */
const LARGE = [
  "model_views",
  "model_viewers",
  "model_days",
  "model_months",
  "model_values",
  "site_values",
  "viewer_numbers",
];

describe("a question reads only its part of a table that grows with the views", () => {
  test("of 20,000 views", async ({ db, databaseUrl }) => {
    await ensureMonthPartitions(db.$client, { now, monthsBack: 12 });
    await makeModels(db);
    await makeViews(db, { views: VIEWS, end: now, onProgress: () => {} });
    await finalizeViewers(db.$client, { now });
    await db.$client.query("vacuum analyze");
    const sizes = await tableSizes(db);
    await using asking = connectWithoutScans(databaseUrl);
    const tooMuch: string[] = [];
    for (const [name, question, allowed] of QUESTIONS) {
      const { rows, scanned } = await readingOf(asking.db, question);
      for (const table of SMALL) scanned.delete(table);
      for (const table of scanned) tooMuch.push(`${name}: reads ${table} from beginning to end`);
      for (const [table, count] of rows) {
        if (SMALL.includes(table)) continue;
        const percent = (100 * count) / (sizes.get(table) ?? 1);
        if (percent > (allowed[table] ?? 0)) tooMuch.push(`${name}: reads ${percent} % of ${table}`);
      }
    }
    expect(tooMuch).toEqual([]);
  });
});

/** With few rows PostgreSQL prefers to read a whole table. Here it may do so only where no index serves. */
function connectWithoutScans(databaseUrl: string): AsyncDisposable & { db: Db } {
  const url = new URL(databaseUrl);
  url.searchParams.set("options", "-c enable_seqscan=off -c max_parallel_workers_per_gather=0");
  const db = connect({
    databaseUrl: url.href,
    applicationName: "model-views test",
    connectionsMax: 2,
    statementTimeoutMs: 20_000,
    onError: () => {},
  });
  return { db, [Symbol.asyncDispose]: () => db.$client.end() };
}

async function readingOf(db: Db, question: Question): Promise<Reading> {
  const reading: Reading = { rows: new Map(), scanned: new Set() };
  await inTransaction(db.$client, { statementTimeoutMs: 20_000 }, async (_ask, client) => {
    const pool = watched(client, reading);
    await question(asking(pool), { $client: pool } as Db);
  });
  expect(reading.rows.size, "tables that were read").toBeGreaterThan(0);
  return reading;
}

async function tableSizes(db: Db): Promise<Map<string, number>> {
  const sizes = new Map<string, number>();
  for (const table of LARGE) {
    const { rows } = await db.$client.query<{ rows: number }>(
      `select count(*)::float8 as rows from ${table}`,
    );
    sizes.set(table, rows[0]?.rows ?? 0);
  }
  return sizes;
}
