import { openAudiences } from "@model-views/db/audiences/audience.ts";
import { finalizeHours } from "@model-views/db/maintenance/finalize-hours.ts";
import { finalizeViewers } from "@model-views/db/maintenance/finalize-viewers.ts";
import type { Db } from "@model-views/db/postgres/connect.ts";
import { asking } from "@model-views/db/postgres/sql.ts";
import { recordViews } from "@model-views/db/recording/record-views.ts";
import { verifyAudiences } from "@model-views/db/rollups/verify-audiences.ts";
import { verifyRollups } from "@model-views/db/rollups/verify-rollups.ts";
import { test } from "@model-views/testing/fixtures.ts";
import { aModel, aView } from "@model-views/testing/views.ts";
import { expect } from "vitest";

const modelId = "0190aaaa-0000-7000-8000-000000000001";
const DAY = "2026-03-10";
const MONTH = "2026-03-01";
const HOUR = `${DAY}T10:00:00.000Z`;
const ofDay = `unit = 'day' and value = 'mobile'`;
const ofMonth = `unit = 'month' and value = 'mobile'`;

/** What is done (`$1` is an audience of two other viewers), and a difference that must be found. */
type Damage = readonly [statement: string, rollup: string, key: string];

/** Of a table with an audience: another audience of as many viewers, another number of viewers, and of views. */
function damagesOf(table: string, where: string, rollup: string, key: string): Damage[] {
  return ["audience = $1", "viewers = viewers + 1", "views = views + 1", "audience = null"].map((change) => [
    `update ${table} set ${change} where ${where}`,
    rollup,
    key,
  ]);
}

const isOfModel = `model_id = '${modelId}'`;
const model = { day: `${modelId} on ${DAY}`, month: `${modelId} in ${MONTH}` };
const DAMAGES: readonly Damage[] = [
  ...damagesOf("model_days", isOfModel, "model_audiences", model.day),
  ...damagesOf("model_months", isOfModel, "model_months", model.month),
  ...damagesOf(
    "model_values",
    `${isOfModel} and ${ofDay}`,
    "model_values",
    `${modelId} device =mobile on ${DAY}`,
  ),
  ...damagesOf(
    "model_values",
    `${isOfModel} and ${ofMonth}`,
    "model_values",
    `${modelId} device =mobile in ${MONTH}`,
  ),
  ...damagesOf("model_hours", isOfModel, "model_hours", `${modelId} at ${HOUR}`).slice(0, 3),
  ...damagesOf("site_hours", "true", "site_hours", `at ${HOUR}`).slice(0, 3),
  ...damagesOf("site_hour_values", "value = 'mobile'", "site_hour_values", `device =mobile at ${HOUR}`).slice(
    0,
    3,
  ),
  ...damagesOf("site_days", "true", "site_days", `on ${DAY}`),
  ...damagesOf("site_months", "true", "site_months", `in ${MONTH}`),
  ...damagesOf("site_values", ofDay, "site_values", `device =mobile on ${DAY}`),
  ...damagesOf("site_values", ofMonth, "site_values", `device =mobile in ${MONTH}`),
  // No bitmap at all.
  [`update model_days set audience = 'x' where ${isOfModel}`, "model_audiences", model.day],
  ["update site_months set audience = substr(audience, 1, 9)", "site_months", `in ${MONTH}`],
  // A row too few. Without all of a month, answers come from its days; without all values of one, from the views.
  [`delete from model_months where ${isOfModel}`, "model_months", model.month],
  [`delete from model_values where ${ofDay}`, "model_values", `${modelId} device =mobile on ${DAY}`],
  [`delete from model_values where ${ofMonth}`, "model_values", `${modelId} device =mobile in ${MONTH}`],
  ["delete from site_days", "site_days", `on ${DAY}`],
  ["delete from model_hours", "model_hours", `${modelId} at ${HOUR}`],
  ["delete from site_hours", "site_hours", `at ${HOUR}`],
  ["delete from site_hour_values where value = 'mobile'", "site_hour_values", `device =mobile at ${HOUR}`],
  [`delete from site_values where ${ofDay}`, "site_values", `device =mobile on ${DAY}`],
  [`delete from site_values where ${ofMonth}`, "site_values", `device =mobile in ${MONTH}`],
  ["delete from viewer_numbers where viewer_identifier = 'a'", "model_audiences", model.day],
  // A row too many.
  [
    `insert into model_months values ('${modelId}', '2026-04-01', 1, 2, $1)`,
    "model_months",
    `${modelId} in 2026-04-01`,
  ],
  [
    `insert into model_values values ('${modelId}', 'device', 'day', '${DAY}', 'tv', 1, 2, $1)`,
    "model_values",
    `${modelId} device =tv on ${DAY}`,
  ],
  [
    `insert into model_values values ('${modelId}', 'device', 'month', '${MONTH}', 'tv', 1, 2, $1)`,
    "model_values",
    `${modelId} device =tv in ${MONTH}`,
  ],
  ["insert into site_days values ('2026-04-05', 1, 2, $1)", "site_days", "on 2026-04-05"],
  ["insert into site_months values ('2026-04-01', 1, 2, $1)", "site_months", "in 2026-04-01"],
  [
    `insert into site_values values ('device', 'day', '${DAY}', 'tv', 1, 2, $1)`,
    "site_values",
    `device =tv on ${DAY}`,
  ],
  [
    `insert into site_values values ('device', 'month', '${MONTH}', 'tv', 1, 2, $1)`,
    "site_values",
    `device =tv in ${MONTH}`,
  ],
];

/** The same once retention has removed the views: an audience must still have as many viewers, and a day as many views. */
const DAMAGES_BEHIND_RETENTION: readonly Damage[] = [
  [`update model_days set audience = 'x' where ${isOfModel}`, "model_audiences", model.day],
  [`update model_days set viewers = viewers + 1 where ${isOfModel}`, "model_audiences", model.day],
  [
    `update model_values set viewers = viewers + 1 where ${ofDay}`,
    "model_values",
    `${modelId} device =mobile on ${DAY}`,
  ],
  [`delete from model_values where ${ofDay}`, "model_values", `${modelId} device on ${DAY}`],
  [`delete from model_values where ${ofMonth}`, "model_values", `${modelId} device in ${MONTH}`],
  [`delete from site_values where ${ofDay}`, "site_values", `device on ${DAY}`],
  ...damagesOf("site_days", "true", "site_days", `on ${DAY}`).slice(0, 3),
  ...damagesOf("model_months", isOfModel, "model_months", model.month).slice(0, 3),
  ...damagesOf("site_months", "true", "site_months", `in ${MONTH}`).slice(0, 3),
];

/** Does each damage in a transaction that is undone, and looks for the difference in it. */
async function expectFound(db: Db, damages: readonly Damage[], others: Buffer): Promise<void> {
  const client = await db.$client.connect();
  const missed: string[] = [];
  try {
    for (const [statement, rollup, key] of damages) {
      await client.query("begin");
      await client.query({ text: statement, values: statement.includes("$1") ? [others] : [] });
      const found = await verifyAudiences(asking(client), { differencesMax: 100, onProgress: () => {} });
      const isFound = found.some((each) => each.rollup === rollup && each.key === key);
      if (!isFound) missed.push(`${statement}: ${JSON.stringify(found)}`);
      await client.query("rollback");
    }
  } finally {
    client.release(true);
  }
  expect(missed).toEqual([]);
}

test("each kind of damage of what was finalized is found", async ({ db }) => {
  await aModel(db, { id: modelId });
  const viewOf = (viewerIdentifier: string, device: string) =>
    aView({ modelId, viewerIdentifier, viewedAt: `${DAY}T10:00:00.000Z`, device });
  await recordViews(db.$client, [viewOf("a", "mobile"), viewOf("b", "mobile"), viewOf("a", "desktop")]);
  await finalizeHours(db.$client, { now: new Date("2026-03-11T12:00:00Z") });
  const now = new Date("2026-05-01T12:00:00Z");
  await finalizeViewers(db.$client, { now, manyViews: { day: 1, month: 1 } });
  expect(await verifyRollups(db)).toEqual([]);
  const newAudience = await openAudiences();
  using audience = newAudience();
  audience.addNumbers(new Uint32Array([1_000, 2_000]));
  const others = audience.toBytes();
  await expectFound(db, DAMAGES, others);

  await db.$client.query(`insert into retired_months values ('${MONTH}'); delete from model_views`);
  expect(await verifyRollups(db), "nothing is wrong behind retention").toEqual([]);
  await expectFound(db, DAMAGES_BEHIND_RETENTION, others);
});
