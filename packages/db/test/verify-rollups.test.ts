import { dropExpiredPartitions } from "@model-views/db/maintenance/drop-expired-partitions.ts";
import { pruneViewers } from "@model-views/db/maintenance/prune-viewers.ts";
import { recordViews } from "@model-views/db/recording/record-views.ts";
import { verifyRollups } from "@model-views/db/rollups/verify-rollups.ts";
import { test } from "@model-views/testing/fixtures.ts";
import { aModel, aView } from "@model-views/testing/views.ts";
import { describe, expect } from "vitest";

const modelId = "0190aaaa-0000-7000-8000-000000000001";
const viewedAt = "2026-03-01T10:00:00.000Z";
const seen = "2026-03-01 10:00:00+00";

describe("verifyRollups", () => {
  test.for([
    [
      "a viewer's views",
      "update model_viewers set views = 2",
      "model_viewers",
      `${modelId} a`,
      `1 ${seen} ${seen}`,
      `2 ${seen} ${seen}`,
    ],
    [
      "a viewer too few",
      "delete from model_viewers",
      "model_viewers",
      `${modelId} a`,
      `1 ${seen} ${seen}`,
      null,
    ],
    [
      "a viewer too many",
      `insert into model_viewers values ('${modelId}', 'b', 1, '${seen}', '${seen}')`,
      "model_viewers",
      `${modelId} b`,
      null,
      `1 ${seen} ${seen}`,
    ],
    [
      "a model's total",
      "update model_totals set total_views = 7",
      "model_totals",
      modelId,
      `1 1 ${seen}`,
      `7 1 ${seen}`,
    ],
    [
      "a model's viewers",
      "update model_totals set unique_viewers = 0",
      "model_totals",
      modelId,
      `1 1 ${seen}`,
      `1 0 ${seen}`,
    ],
    ["no total", "delete from model_totals", "model_totals", modelId, `1 1 ${seen}`, null],
    ["a day's views", "update model_days set views = 0", "model_days", `${modelId} 2026-03-01`, "1", "0"],
    [
      "a day too many",
      `insert into model_days values ('${modelId}', '2026-03-02', 1)`,
      "model_days",
      `${modelId} 2026-03-02`,
      null,
      "1",
    ],
    ["a day too few", "delete from model_days", "model_days", `${modelId} 2026-03-01`, "1", null],
  ] as const)("finds %s, and nothing else", async ([, damage, rollup, key, expected, found], { db }) => {
    await aModel(db, { id: modelId });
    await recordViews(db.$client, [aView({ modelId, viewerIdentifier: "a", viewedAt })]);
    expect(await verifyRollups(db)).toEqual([]);
    await db.$client.query(damage);
    expect(await verifyRollups(db)).toEqual([{ rollup, key, expected, found }]);
  });
});

/**
 * Damage after retention: `a` viewed in a retired month and in one that is kept, `b` in a retired month alone, `c` too
 * and was pruned.
 */
describe("verifyRollups after retention", () => {
  const now = new Date("2031-05-15T12:00:00Z");
  const kept = "2031-05-01 10:00:00+00";
  const retired = "2015-05-20 10:00:00+00";

  test.for([
    [
      "a viewer's views above the rest",
      "update model_viewers set views = 9 where viewer_identifier = 'a'",
      "model_totals",
    ],
    [
      "a viewer's views below the raw ones",
      "update model_viewers set views = 0 where viewer_identifier = 'a'",
      "model_viewers",
    ],
    [
      "a viewer's last view that is not there",
      `update model_viewers set last_viewed_at = '2031-05-02' where viewer_identifier = 'a'`,
      "model_viewers",
    ],
    [
      "a viewer's first view in a month that is not retired",
      "update model_viewers set first_viewed_at = '2031-04-30' where viewer_identifier = 'a'",
      "model_viewers",
    ],
    [
      "a viewer with raw views too few",
      "delete from model_viewers where viewer_identifier = 'a'",
      "model_viewers",
    ],
    [
      "a viewer of retired views too few",
      "delete from model_viewers where viewer_identifier = 'b'",
      "model_totals",
    ],
    [
      "a viewer of retired views too many",
      `insert into model_viewers values ('${modelId}', 'x', 1, '${retired}', '${retired}')`,
      "model_totals",
    ],
    [
      "a viewer of kept views too many",
      `insert into model_viewers values ('${modelId}', 'x', 1, '${kept}', '${kept}')`,
      "model_viewers",
    ],
    ["a total", "update model_totals set total_views = total_views + 1", "model_totals"],
    ["unique viewers", "update model_totals set unique_viewers = unique_viewers - 1", "model_totals"],
    ["forgotten viewers", "update model_totals set forgotten_viewers = 0", "model_totals"],
    ["forgotten views", "update model_totals set forgotten_views = 0", "model_totals"],
    [
      "the last view",
      "update model_totals set last_viewed_at = last_viewed_at + interval '1 second'",
      "model_totals",
    ],
    ["no total", "delete from model_totals", "model_totals"],
    ["a kept day's views", "update model_days set views = 7 where day = '2031-05-01'", "model_days"],
    ["a retired day's views", "update model_days set views = 7 where day = '2015-05-20'", "model_totals"],
    ["a retired day too few", "delete from model_days where day = '2015-05-20'", "model_totals"],
    ["a day too many", `insert into model_days values ('${modelId}', '2031-05-02', 1)`, "model_days"],
  ] as const)("finds %s", async ([, damage, rollup], { db }) => {
    await aModel(db, { id: modelId });
    const by = (viewerIdentifier: string, viewedAt: string) => aView({ modelId, viewerIdentifier, viewedAt });
    const retention = { now, retentionDays: 90 };
    await recordViews(db.$client, [by("c", "2015-05-20T10:00:00.000Z")]);
    await dropExpiredPartitions(db.$client, retention);
    await pruneViewers(db.$client, retention);
    await db.$client.query("delete from retired_months");
    await recordViews(db.$client, [
      by("a", "2015-05-20T10:00:00.000Z"),
      by("b", "2015-05-20T10:00:00.000Z"),
      by("a", "2031-05-01T10:00:00.000Z"),
    ]);
    await dropExpiredPartitions(db.$client, retention);
    expect(await verifyRollups(db)).toEqual([]);
    await db.$client.query(damage);
    expect((await verifyRollups(db)).map((difference) => difference.rollup)).toContain(rollup);
  });

  test("accepts for the last view of a retired day what no other row contradicts, and no more", async ({
    db,
  }) => {
    await aModel(db, { id: modelId });
    await recordViews(db.$client, [
      aView({ modelId, viewerIdentifier: "b", viewedAt: "2015-05-20T10:00:00.000Z" }),
    ]);
    await dropExpiredPartitions(db.$client, { now, retentionDays: 90 });
    await db.$client.query("update model_totals set last_viewed_at = '2015-05-20 09:00:00+00'");
    expect(await verifyRollups(db)).toMatchObject([{ rollup: "model_totals" }]);
    await db.$client.query("update model_totals set last_viewed_at = '2015-05-21 00:00:00+00'");
    expect(await verifyRollups(db)).toMatchObject([{ rollup: "model_totals" }]);
    await db.$client.query("update model_totals set last_viewed_at = '2015-05-20 11:00:00+00'");
    expect(await verifyRollups(db)).toEqual([]);
  });
});
