import { dropExpiredPartitions } from "@model-views/db/maintenance/drop-expired-partitions.ts";
import { finalizeHours } from "@model-views/db/maintenance/finalize-hours.ts";
import { finalizeViewers } from "@model-views/db/maintenance/finalize-viewers.ts";
import { pruneNumbers } from "@model-views/db/maintenance/prune-numbers.ts";
import { pruneViewers } from "@model-views/db/maintenance/prune-viewers.ts";
import { deleteModel } from "@model-views/db/models/delete-model.ts";
import type { Db } from "@model-views/db/postgres/connect.ts";
import { recordViews } from "@model-views/db/recording/record-views.ts";
import { changeReportingZone } from "@model-views/db/reporting-zone/change-reporting-zone.ts";
import { verifyRollups } from "@model-views/db/rollups/verify-rollups.ts";
import { eraseViewer } from "@model-views/db/viewers/erase-viewer.ts";
import type { ViewEvent } from "@model-views/shared/contracts/view-event.ts";
import { test } from "@model-views/testing/fixtures.ts";
import { aModel, aView } from "@model-views/testing/views.ts";
import fc from "fast-check";
import { expect } from "vitest";
import { makeMonths } from "./months.ts";

const MODELS = ["00000000-0000-4000-8000-00000000000a", "00000000-0000-4000-8000-00000000000b"];
const VIEWERS = ["viewer 1", "viewer 2", "viewer 3"];
const START = new Date("2031-05-15T12:00:00Z");
/** With days that begin 13 hours before those of UTC and 10 after them, by half hours, and with changes of the clock at midnight. */
const ZONES = [
  "UTC",
  "Europe/Berlin",
  "America/New_York",
  "America/Havana",
  "Asia/Kolkata",
  "Australia/Lord_Howe",
  "Pacific/Apia",
  "Pacific/Honolulu",
];
const MONTH_MS = 31 * 86_400_000;

/** A view by what distinguishes it from others: two equal ones are the same view. */
const view = fc.record({
  id: fc.integer({ min: 0, max: 9 }),
  model: fc.integer({ min: 0, max: 1 }),
  viewer: fc.integer({ min: 0, max: 2 }),
  /** Months before the clock, so that some are old when they come. */
  monthsAgo: fc.integer({ min: 0, max: 6 }),
  hour: fc.integer({ min: 0, max: 40 }),
  isBot: fc.boolean(),
});
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ record: fc.array(view, { minLength: 1, maxLength: 10 }) }) },
  { weight: 2, arbitrary: fc.record({ repeat: fc.nat(20) }) },
  { weight: 2, arbitrary: fc.constant({ drop: true as const }) },
  { weight: 2, arbitrary: fc.constant({ prune: true as const }) },
  { weight: 3, arbitrary: fc.constant({ finalize: true as const }) },
  { weight: 1, arbitrary: fc.record({ erase: fc.integer({ min: 0, max: 2 }) }) },
  { weight: 1, arbitrary: fc.record({ delete: fc.integer({ min: 0, max: 1 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      timeZone: fc.constantFrom(...ZONES),
      viewsMax: fc.constantFrom(1, 3, 100),
      stepsMax: fc.constantFrom(1, 2, 100),
    }),
  },
  { weight: 2, arbitrary: fc.record({ wait: fc.integer({ min: 1, max: 3 }) }) },
);

/** What a run has done so far, to be compared with what is stored. */
type Story = {
  now: Date;
  given: ViewEvent[][];
  /** When each viewer was erased last. */
  erasedUntil: Map<string, number>;
  /** Every view that was stored and neither erased nor deleted with its model since, by identity. */
  stored: Map<string, { modelId: string; isBot: boolean }>;
};

test("after any views are recorded, repeated, expired, pruned, erased and deleted, the rollups are right and nothing comes back", async ({
  db,
}) => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 14 }), async (steps) => {
      await db.$client.query(
        `truncate models, reporting_zones, site_days, site_months, site_values, changed_days, viewer_numbers, finalized_hours, rejected_views,
            retired_months, erased_viewers cascade`,
      );
      await makeMonths(db, { now: START, monthsBack: 3 });
      for (const id of MODELS) await aModel(db, { id });
      const story: Story = { now: START, given: [], erasedUntil: new Map(), stored: new Map() };
      for (const each of steps) {
        if ("record" in each) await record(db, story, each.record.map(eventOf(story.now)));
        else if ("repeat" in each) await record(db, story, story.given[each.repeat] ?? []);
        else if ("drop" in each)
          await dropExpiredPartitions(db.$client, { now: story.now, retentionDays: 90 });
        else if ("prune" in each) {
          await pruneViewers(db.$client, { now: story.now, retentionDays: 90 });
          await pruneNumbers(db.$client);
        } else if ("finalize" in each) {
          await finalizeViewers(db.$client, { now: story.now, manyViews: { day: 2, month: 3 } });
          await finalizeHours(db.$client, { now: story.now });
        } else if ("erase" in each) await erase(db, story, VIEWERS[each.erase] ?? "");
        else if ("timeZone" in each) await changeReportingZone(db.$client, each);
        else if ("delete" in each) await deleteAndMakeAgain(db, story, MODELS[each.delete] ?? "");
        else story.now = new Date(story.now.getTime() + each.wait * MONTH_MS);
        await check(db, story);
      }
    }),
    { numRuns: 8 },
  );
});

function eventOf(now: Date) {
  return (each: {
    id: number;
    model: number;
    viewer: number;
    monthsAgo: number;
    hour: number;
    isBot: boolean;
  }) =>
    aView({
      id: `00000000-0000-4000-8000-00000000000${each.id}`,
      modelId: MODELS[each.model] ?? "",
      viewerIdentifier: VIEWERS[each.viewer] ?? "",
      viewedAt: new Date(now.getTime() - each.monthsAgo * MONTH_MS - each.hour * 3_600_000).toISOString(),
      ...(each.isBot ? { isBot: true } : {}),
    });
}

const identityOf = (modelId: string, viewedAt: string, id: string) => `${modelId} ${viewedAt} ${id}`;

/** One view at a time, so that it is known which were stored; then all of them again. */
async function record(db: Db, { stored, erasedUntil, given }: Story, views: ViewEvent[]): Promise<void> {
  for (const each of views) {
    const { inserted, erased } = await recordViews(db.$client, [each]);
    const isErased = Date.parse(each.viewedAt) <= (erasedUntil.get(each.viewerIdentifier) ?? 0);
    expect(erased, "views of erased viewers").toBe(isErased ? 1 : 0);
    if (inserted === 0) continue;
    const identity = identityOf(each.modelId, each.viewedAt, each.id);
    expect(stored.has(identity), `${identity} is stored a second time`).toBe(false);
    stored.set(identity, { modelId: each.modelId, isBot: each.isBot ?? false });
  }
  expect(await recordViews(db.$client, views)).toMatchObject({ inserted: 0, rejected: 0 });
  given.push(views);
}

async function erase(db: Db, { now, stored, erasedUntil }: Story, viewer: string): Promise<void> {
  const { rows } = await db.$client.query<{ modelId: string; viewedAt: Date; id: string }>(
    'select model_id as "modelId", viewed_at as "viewedAt", id from model_views where viewer_identifier = $1',
    [viewer],
  );
  const { until, views } = await eraseViewer(db.$client, viewer, { now });
  expect(views).toBe(rows.length);
  // What retention has removed before stays counted.
  for (const { modelId, viewedAt, id } of rows)
    stored.delete(identityOf(modelId, viewedAt.toISOString(), id));
  erasedUntil.set(viewer, until.getTime());
}

async function deleteAndMakeAgain(db: Db, { stored }: Story, id: string): Promise<void> {
  await deleteModel(db, id);
  await aModel(db, { id });
  for (const [identity, { modelId }] of stored) if (modelId === id) stored.delete(identity);
}

async function check(db: Db, { stored, erasedUntil }: Story): Promise<void> {
  expect(await verifyRollups(db)).toEqual([]);
  const { rows } = await db.$client.query<{ views: number }>(
    "select coalesce(t.total_views, 0)::int as views from models m left join model_totals t on model_id = id order by id",
  );
  const counted = [...stored.values()].filter(({ isBot }) => !isBot);
  expect(rows.map(({ views }) => views)).toEqual(
    MODELS.map((id) => counted.filter(({ modelId }) => modelId === id).length),
  );
  for (const [viewer, until] of erasedUntil) {
    const { rowCount } = await db.$client.query(
      `select from model_views where viewer_identifier = $1 and viewed_at <= $2
       union all select from rejected_views where viewer_identifier = $1 and viewed_at <= $2
       union all select from model_viewers where viewer_identifier = $1 and first_viewed_at <= $2
       union all select from viewer_numbers n where viewer_identifier = $1
         and not exists (select from model_viewers v where v.viewer_identifier = n.viewer_identifier)`,
      [viewer, new Date(until)],
    );
    expect(rowCount, `rows of ${viewer}, who is erased`).toBe(0);
  }
}
