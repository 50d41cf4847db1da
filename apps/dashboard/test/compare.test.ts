import { expect, test } from "vitest";
import {
  chosenModelsText,
  readChosenModels,
  unknownModels,
  wrongModels,
} from "../src/address/chosen-models.ts";
import { placeOf } from "../src/api/places.ts";
import { nearestStep, shownTicks, topOf } from "../src/charts/line-scale.ts";
import { lineUp, toIndex } from "../src/pages/compare/line-up.ts";
import { pairKey, sharedWith } from "../src/pages/compare/overlap.ts";
import { perDay } from "../src/pages/compare/per-day.ts";

const idOf = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;

test("each series is lined up by its own first bucket with views", () => {
  expect(
    lineUp([
      [5, 6, 7, 8],
      [0, 0, 1, 0],
      [0, 0, 0, 0],
    ]),
  ).toEqual({
    firsts: [0, 2, undefined],
    series: [
      [5, 6, 7, 8],
      [1, 0, null, null],
      [null, null, null, null],
    ],
  });
});

test("where it began is not known when what was before is not", () => {
  expect(lineUp([[0, null, 4, 5]])).toEqual({ firsts: [undefined], series: [[]] });
  expect(lineUp([[0, 2, null, 5]])).toEqual({ firsts: [1], series: [[2, null, 5]] });
});

test("nothing is lined up of nothing", () => {
  expect(lineUp([])).toEqual({ firsts: [], series: [] });
});

test("the first whole bucket with views is 100", () => {
  const isWhole = (bucket: number) => bucket > 0 && bucket < 3;
  expect(
    toIndex(
      [
        [1, 50, 25, 10],
        [0, 0, null, 8],
        [0, 0, 0, 0],
      ],
      isWhole,
    ),
  ).toEqual({
    bases: [1, 3, undefined],
    series: [
      [2, 100, 50, 20],
      [0, 0, null, 100],
      [null, null, null, null],
    ],
  });
});

test.each([
  [812, 3_120, { both: 812, share: 812 / 3_120 }],
  [0, 0, { both: 0, share: undefined }],
  [null, 10, { both: null, share: undefined }],
  [5, null, { both: 5, share: undefined }],
  [undefined, undefined, { both: null, share: undefined }],
])("%o of %o viewers are shared", (both, viewers, shared) => {
  expect(sharedWith(both, viewers)).toEqual(shared);
});

test("a pair is the same from both sides", () => {
  expect(pairKey("a", "b")).toBe(pairKey("b", "a"));
});

test("models of an address are read in their order, and what is wrong is named", () => {
  const m = [idOf(2), "anna", idOf(1).toUpperCase(), idOf(2), "", idOf(3)].join(",");
  const { chosen, leftOut } = readChosenModels({ m }, 2);
  expect(chosen).toEqual([idOf(2), idOf(1)]);
  expect(wrongModels([...leftOut, ...unknownModels([idOf(9)])], chosen)).toEqual([
    {
      name: "m",
      value: `anna,${idOf(3)},${idOf(9)}`,
      why: "is not the id of a model, or is more than 2 models, or is not the id of a model of this site",
      instead: `${idOf(2)},${idOf(1)}`,
    },
  ]);
  expect(chosenModelsText(chosen)).toBe(`${idOf(2)},${idOf(1)}`);
  expect(readChosenModels({}, 5)).toEqual({ chosen: [], leftOut: [] });
  expect(wrongModels([], chosen)).toEqual([]);
  expect(chosenModelsText([])).toBeUndefined();
});

test.each([
  [28, 1_000, [0, 3, 6, 9, 12, 15, 18, 21, 24, 27]],
  [3, 1_000, [0, 1, 2]],
  [28, 10, [0]],
  [0, 1_000, []],
])("of %i steps on %i pixels these are named: %j", (steps, width, named) => {
  expect(shownTicks(steps, width)).toEqual(named);
});

test.each([
  [0, 0],
  [44, 0],
  [99, 1],
  [101, 1],
  [500, 9],
])("the step nearest to pixel %i is %i", (place, step) => {
  expect(nearestStep(place, { left: 50, right: 500, steps: 10 })).toBe(step);
});

test("the top of an axis is the largest value, and never 0", () => {
  expect(topOf([{ values: [3, null, 8] }, { values: [5] }])).toBe(8);
  expect(topOf([{ values: [3] }], 100)).toBe(100);
  expect(topOf([{ values: [null, 0] }])).toBe(1);
});

test("views a day are of the time that has passed, and unknown for less than a day", () => {
  const from = "2026-11-01T00:00:00.000Z";
  expect(perDay({ from, to: "2026-11-03T12:00:00.000Z", totalViews: 100 })).toBe(40);
  expect(perDay({ from, to: "2026-11-01T06:00:00.000Z", totalViews: 100 })).toBeUndefined();
  expect(perDay({ from, to: "2026-11-03T12:00:00.000Z", totalViews: null })).toBeUndefined();
});

test("a model's place is among the models with views, and equal ones share the better place", () => {
  const rows = [9, 4, 4, 1, 0].map((totalViews, index) => ({
    modelId: String(index),
    name: "",
    category: null,
    createdAt: "",
    lastViewedAt: null,
    totalViews,
    uniqueViews: index === 4 ? null : 1,
  }));
  const places = rows.map(({ modelId }) => placeOf(rows, modelId, "totalViews"));
  expect(places).toEqual([
    { rank: 1, of: 4 },
    { rank: 2, of: 4 },
    { rank: 2, of: 4 },
    { rank: 4, of: 4 },
    undefined,
  ]);
  expect(placeOf(rows, "0", "uniqueViews")).toBeUndefined();
  expect(placeOf(rows, "9", "totalViews")).toBeUndefined();
});
