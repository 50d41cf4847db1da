import { expect, test } from "vitest";
import {
  chosenModelsText,
  readChosenModels,
  unknownModels,
  wrongModels,
} from "../src/address/chosen-models.ts";
import { lineUp, toIndex } from "../src/pages/compare/line-up.ts";
import { pairKey, sharedWith } from "../src/pages/compare/overlap.ts";

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
