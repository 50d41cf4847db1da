import { finalizeHours } from "@model-views/db/maintenance/finalize-hours.ts";
import { finalizeViewers } from "@model-views/db/maintenance/finalize-viewers.ts";
import type { Db } from "@model-views/db/postgres/connect.ts";
import { recordViews } from "@model-views/db/recording/record-views.ts";
import { verifyRollups } from "@model-views/db/rollups/verify-rollups.ts";
import { test } from "@model-views/testing/fixtures.ts";
import { aView } from "@model-views/testing/views.ts";
import { describe, expect } from "vitest";
import { answers, recount } from "./answers.ts";

/** The only day with views is one of the last eight, of which hours are finalized, and its month is over. */
const now = new Date("2026-12-01T12:00:00Z");
const DAY = "2026-11-30";
/** One more than are finalized in one transaction. */
const MODELS = 201;
const idOf = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;
const [FIRST, LAST] = [idOf(1), idOf(MODELS)];
const asked = {
  from: new Date("2026-11-01T00:00:00Z"),
  to: new Date("2026-12-01T00:00:00Z"),
  models: [FIRST, LAST],
};

async function makeViews(db: Db): Promise<void> {
  const ids = Array.from({ length: MODELS }, (_, index) => idOf(index + 1));
  await db.$client.query("insert into models (id, name) select unnest($1::uuid[]), 'A model'", [ids]);
  await recordViews(
    db.$client,
    ids.map((modelId, index) =>
      aView({
        modelId,
        viewerIdentifier: `viewer ${index % 3}`,
        viewedAt: `${DAY}T10:00:00Z`,
        device: "mobile",
      }),
    ),
  );
}

async function finalize(db: Db): Promise<object> {
  const ofViewers = await finalizeViewers(db.$client, { now, manyViews: { day: 1, month: 1 } });
  return { ...ofViewers, ...(await finalizeHours(db.$client, { now })) };
}

/** Days of models, days and months of the site. */
type Finalized = { days: number; site?: number; months?: number };

/** Where finalizing fails: when it writes this row; and what it has finalized before. */
const PLACES: [place: string, event: string, condition: string, Finalized][] = [
  ["the second batch of models", "update on model_days", `new.model_id = '${LAST}'`, { days: MODELS - 1 }],
  ["the day of the site", "insert on site_days", "true", { days: MODELS }],
  [
    "the month of the last model",
    "insert on model_months",
    `new.model_id = '${LAST}'`,
    { days: MODELS, site: 1 },
  ],
  ["an hour", "insert on site_hours", "true", { days: MODELS, site: 1, months: 1 }],
];

/** How it fails. PostgreSQL's time-outs cancel a statement just so. */
const FAILURES = [
  ["the connection is lost", "pg_terminate_backend", /terminat/],
  ["a statement takes too long", "pg_cancel_backend", /cancel/],
] as const;

describe("what finalizing leaves behind is exact, and the next run completes it", () => {
  test.for(FAILURES)("when %s", async ([, fail, message], { db }) => {
    await makeViews(db);
    const before = await recount(db, asked);
    await db.$client.query(
      `create function fails() returns trigger language plpgsql as 'begin perform ${fail}(pg_backend_pid()); return new; end'`,
    );
    for (const [place, event, condition, { days, site = 0, months = 0 }] of PLACES) {
      await db.$client.query(
        `create trigger fails before ${event} for each row when (${condition}) execute function fails()`,
      );
      await expect(finalize(db), place).rejects.toThrow(message);
      expect(await finalized(db), place).toEqual({ days, site, months, hours: 0 });
      expect(await verifyRollups(db), place).toEqual([]);
      expect(await answers(db, asked), place).toEqual(before);
      await db.$client.query(`drop trigger fails on ${event.split(" on ")[1]}`);
    }
    // Ten hours were finalized before the one that failed.
    expect(await finalize(db)).toEqual({
      modelDays: 0,
      siteDays: 0,
      months: 0,
      hours: 14,
      isPostponed: false,
    });
    expect(await finalized(db)).toEqual({ days: MODELS, site: 1, months: 1, hours: 1 });
    expect(await verifyRollups(db)).toEqual([]);
    expect(await answers(db, asked)).toEqual(before);
  });
});

async function finalized(db: Db): Promise<object | undefined> {
  const { rows } = await db.$client.query<object>(
    `select (select count(*)::int from model_days where viewers is not null) as days,
       (select count(*)::int from site_days) as site, (select count(*)::int from site_months) as months,
       (select count(*)::int from site_hours) as hours`,
  );
  return rows[0];
}
