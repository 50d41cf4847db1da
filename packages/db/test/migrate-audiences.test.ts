import { readFile } from "node:fs/promises";
import { dropExpiredPartitions } from "@model-views/db/maintenance/drop-expired-partitions.ts";
import { finalizeViewers } from "@model-views/db/maintenance/finalize-viewers.ts";
import { migrate } from "@model-views/db/migrate/migrate.ts";
import type { Db } from "@model-views/db/postgres/connect.ts";
import { recordViews } from "@model-views/db/recording/record-views.ts";
import { verifyRollups } from "@model-views/db/rollups/verify-rollups.ts";
import { test } from "@model-views/testing/fixtures.ts";
import { aView } from "@model-views/testing/views.ts";
import { expect } from "vitest";
import journal from "../migrations/meta/_journal.json" with { type: "json" };
import { answers, recount } from "./answers.ts";
import { makeMonths } from "./months.ts";

const now = new Date("2026-11-22T12:00:00Z");
const ANNA = "00000000-0000-4000-8000-00000000000a";
const BERT = "00000000-0000-4000-8000-00000000000b";

/** Views of May and June, which retention removes, and of October. */
const VIEWS = [
  [ANNA, "one", "2026-05-05"],
  [ANNA, "one", "2026-05-06"],
  [ANNA, "one", "2026-06-10"],
  [ANNA, "two", "2026-06-10"],
  [ANNA, "one", "2026-06-11"],
  [BERT, "one", "2026-06-10"],
  [ANNA, "one", "2026-10-30"],
  [ANNA, "three", "2026-10-31"],
] as const;

/** What the version before 0004 had counted. Its counts of May no longer hold: a model was deleted, and views were erased. */
const COUNTED = `
  update model_days d set viewers = (
    select count(distinct viewer_identifier) from model_views v
    where v.model_id = d.model_id and (v.viewed_at at time zone 'utc')::date = d.day
  );
  insert into model_periods (model_id, unit, start, views, viewers) values
    ('${ANNA}', 'month', '2026-05-01', 3, 2), ('${ANNA}', 'week', '2026-06-08', 3, 2),
    ('${ANNA}', 'month', '2026-06-01', 3, 2), ('${BERT}', 'month', '2026-06-01', 1, 1),
    ('${ANNA}', 'month', '2026-10-01', 2, 2);
  insert into site_periods (unit, start, views, viewers, model_days) values
    ('month', '2026-05-01', 3, 2, 3), ('day', '2026-05-05', 1, 1, 1), ('day', '2026-05-06', 2, 2, 2),
    ('month', '2026-06-01', 4, 2, 3), ('day', '2026-06-10', 3, 2, 2), ('day', '2026-06-11', 1, 1, 1),
    ('month', '2026-10-01', 2, 2, 2)`;

/** Makes the schema as it was before the migration 0004. What came after it is there, as far as recording needs it. */
async function makeEarlierSchema(db: Db): Promise<void> {
  await db.$client.query(`drop schema public cascade; create schema public;
    create table model_views_migrations (id serial primary key, hash text not null, created_at bigint)`);
  for (const { tag, when, idx } of journal.entries) {
    if (idx === 4 || idx === 6) continue;
    await db.$client.query(await readFile(new URL(`../migrations/${tag}.sql`, import.meta.url), "utf8"));
    await db.$client.query("insert into model_views_migrations (hash, created_at) values ($1, $2)", [
      tag,
      when,
    ]);
  }
}

test("what an earlier version had counted of removed months stays known, where it holds; all else is finalized again", async ({
  db,
}) => {
  await makeEarlierSchema(db);
  await makeMonths(db, { now, monthsBack: 6 });
  await db.$client.query("insert into models (id, name) values ($1, 'Anna'), ($2, 'Bert')", [ANNA, BERT]);
  await recordViews(
    db.$client,
    VIEWS.map(([modelId, viewerIdentifier, day]) =>
      aView({ modelId, viewerIdentifier, viewedAt: `${day}T10:00:00.000Z`, device: "mobile" }),
    ),
  );
  await db.$client.query(COUNTED);
  await dropExpiredPartitions(db.$client, { now, retentionDays: 90 });
  await migrate(db, { now });

  const asked = {
    from: new Date("2026-05-01T00:00:00Z"),
    to: new Date("2026-11-01T00:00:00Z"),
    models: [ANNA, BERT],
  };
  const migrated = await answers(db, asked);
  const [site, anna, bert] = migrated.ofEach;
  const viewed = (buckets?: { start: string; views: number | null; uniqueViews: number | null }[]) =>
    (buckets ?? [])
      .filter(({ views }) => views !== 0)
      .map(({ start, views, uniqueViews }) => `${start.slice(0, 10)} ${views} ${uniqueViews}`);
  expect(viewed(site?.days)).toEqual([
    "2026-05-05 1 1",
    "2026-05-06 1 null",
    "2026-06-10 3 2",
    "2026-06-11 1 1",
    "2026-10-30 1 1",
    "2026-10-31 1 1",
  ]);
  expect(viewed(site?.months)).toEqual(["2026-05-01 2 null", "2026-06-01 4 2", "2026-10-01 2 2"]);
  expect(viewed(anna?.days)).toHaveLength(6);
  expect(viewed(anna?.months)).toEqual(["2026-05-01 2 null", "2026-06-01 3 2", "2026-10-01 2 2"]);
  expect(viewed(bert?.months)).toEqual(["2026-06-01 1 1"]);
  expect(site?.devices, "values were not counted").toMatchObject({ totalViews: 2, isIncomplete: true });

  const finalize = () => finalizeViewers(db.$client, { now });
  expect(await finalize()).toEqual({ modelDays: 2, siteDays: 2, months: 1 });
  expect(await verifyRollups(db)).toEqual([]);
  expect(await answers(db, asked)).toEqual(migrated);
  const kept = { ...asked, from: new Date("2026-10-01T00:00:00Z") };
  expect(await answers(db, kept)).toEqual(await recount(db, kept));

  await db.$client.query("delete from models where id = $1", [BERT]);
  expect(await finalize(), "whose viewer it was is not known").toEqual({
    modelDays: 0,
    siteDays: 0,
    months: 0,
  });
  expect(await verifyRollups(db)).toEqual([]);
  const deleted = await answers(db, asked);
  expect(viewed(deleted.ofEach[0]?.days).slice(2, 4)).toEqual(["2026-06-10 2 null", "2026-06-11 1 1"]);
  expect(viewed(deleted.ofEach[0]?.months).slice(0, 2)).toEqual(["2026-05-01 2 null", "2026-06-01 3 null"]);
  expect(deleted.ofEach[1], "Anna's").toEqual(anna);
});
