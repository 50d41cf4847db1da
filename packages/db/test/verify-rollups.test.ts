import { verifyRollups } from "@model-views/db/rollups/verify-rollups.ts";
import { recordViews } from "@model-views/db/views/record-views.ts";
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
