import { expect, test } from "vitest";
import { ranksOf } from "../src/api/ranks.ts";

const row = (modelId: string, totalViews: number | null, category: string | null = "women") => ({
  modelId,
  category,
  totalViews,
  uniqueViews: totalViews,
});

test("models with the same number share the better place, and models without views have none", () => {
  const rows = [row("a", 9), row("b", 5, "men"), row("c", 5), row("d", 1), row("e", 0)];
  expect(rows.map(({ modelId }) => ranksOf(rows, modelId)?.byViews)).toEqual([
    { rank: 1, of: 4 },
    { rank: 2, of: 4 },
    { rank: 2, of: 4 },
    { rank: 4, of: 4 },
    { rank: null, of: 4 },
  ]);
  expect(ranksOf(rows, "c")?.inCategory).toMatchObject({ category: "women", byViews: { rank: 2, of: 3 } });
});

test("no place is known where a number is not, and an unknown model has none", () => {
  expect(ranksOf([row("a", 9), row("b", null)], "a")?.byViews.rank).toBeNull();
  expect(ranksOf([row("a", 9, null)], "a")?.inCategory).toBeNull();
  expect(ranksOf([], "a")).toBeUndefined();
});
