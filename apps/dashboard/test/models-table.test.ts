import type { ModelRow } from "@model-views/shared/contracts/models-table.ts";
import { expect, test } from "vitest";
import {
  type Column,
  columnsText,
  HIDEABLE,
  isAscending,
  readTableAddress,
  sortAfterClick,
  sortText,
} from "../src/pages/models/columns.ts";
import { categoriesOf, filterRows, sumsOf } from "../src/pages/models/filter-rows.ts";
import { sortRows } from "../src/pages/models/sort-rows.ts";
import { bucketsOf, changeRank, slopeOf } from "../src/pages/models/trend.ts";

function row(name: string, more: Partial<ModelRow> = {}): ModelRow {
  return {
    modelId: name,
    name,
    category: null,
    createdAt: "2026-01-10T08:00:00.000Z",
    totalViews: 0,
    uniqueViews: 0,
    lastViewedAt: null,
    ...more,
  };
}

const anna = row("Anna", {
  category: "women",
  totalViews: 120,
  uniqueViews: 80,
  lastViewedAt: "2026-11-28T10:00:00.000Z",
  createdAt: "2026-03-01T08:00:00.000Z",
  previous: { totalViews: 100, uniqueViews: 70 },
  series: [10, 20, 30, 5],
});
const bela = row("Béla 10", {
  category: "men",
  totalViews: 7,
  uniqueViews: 90,
  lastViewedAt: "2026-11-02T10:00:00.000Z",
  previous: { totalViews: 2, uniqueViews: 2 },
  series: [9, 6, 3, 90],
});
const bella = row("bella 9", { totalViews: null, uniqueViews: null, series: [null, 1, 2, 3] });
const zoe = row("Zoë", {
  category: "women",
  previous: { totalViews: 40, uniqueViews: 30 },
  series: [0, 0, 0, 0],
});
const rows = [zoe, bella, bela, anna];

const names = (found: readonly ModelRow[]) => found.map(({ name }) => name);
const sorted = (column: Column, isReversed = false) => names(sortRows(rows, { column, isReversed }, true));

test.each<[Column, string[], string[]]>([
  ["name", ["Anna", "Béla 10", "bella 9", "Zoë"], ["Zoë", "bella 9", "Béla 10", "Anna"]],
  ["category", ["Béla 10", "Anna", "Zoë", "bella 9"], ["Anna", "Zoë", "Béla 10", "bella 9"]],
  ["views", ["Anna", "Béla 10", "Zoë", "bella 9"], ["Zoë", "Béla 10", "Anna", "bella 9"]],
  ["viewers", ["Béla 10", "Anna", "Zoë", "bella 9"], ["Zoë", "Anna", "Béla 10", "bella 9"]],
  ["change", ["Béla 10", "Anna", "Zoë", "bella 9"], ["Zoë", "Anna", "Béla 10", "bella 9"]],
  ["trend", ["Anna", "Zoë", "Béla 10", "bella 9"], ["Béla 10", "Zoë", "Anna", "bella 9"]],
  ["viewed", ["Anna", "Béla 10", "Zoë", "bella 9"], ["Béla 10", "Anna", "Zoë", "bella 9"]],
  ["added", ["Anna", "Béla 10", "Zoë", "bella 9"], ["Béla 10", "Zoë", "bella 9", "Anna"]],
])("sorted by %s, what is not known comes last in both directions", (column, usual, reversed) => {
  expect(sorted(column)).toEqual(usual);
  expect(sorted(column, true)).toEqual(reversed);
});

test("equal names keep the same order, in any order of the answer", () => {
  const twins = [
    row("Mia", { modelId: "b" }),
    row("Mia", { modelId: "a" }),
    row("Mia", { modelId: "c", totalViews: 3 }),
  ];
  const order = (of: ModelRow[]) =>
    sortRows(of, { column: "name", isReversed: false }, false).map((each) => each.modelId);
  expect(order(twins)).toEqual(["c", "a", "b"]);
  expect(order(twins.toReversed())).toEqual(["c", "a", "b"]);
});

test("an answer's rows keep their order", () => {
  sortRows(rows, { column: "name", isReversed: false }, true);
  expect(rows).toEqual([zoe, bella, bela, anna]);
});

test.each([
  ["", undefined, ["Zoë", "bella 9", "Béla 10", "Anna"]],
  ["BEL", undefined, ["bella 9", "Béla 10"]],
  ["  10 bela ", undefined, ["Béla 10"]],
  ["9 be", undefined, ["bella 9"]],
  ["zoe", undefined, ["Zoë"]],
  ["", "women", ["Zoë", "Anna"]],
  ["an", "women", ["Anna"]],
  ["an", "men", []],
  [".*", undefined, []],
])("the text %o and the category %o find %o", (text, category, found) => {
  expect(names(filterRows(rows, { text, category }))).toEqual(found);
});

test("categories come by the alphabet, with their models", () => {
  expect(categoriesOf(rows)).toEqual([
    { category: "men", models: 1 },
    { category: "women", models: 2 },
  ]);
});

test.each([
  ["nothing", [], { views: 0, viewsBefore: undefined, unknown: 0 }],
  ["all are known", [anna, bela], { views: 127, viewsBefore: 102, unknown: 0 }],
  ["one is not known", [anna, bella], { views: 120, viewsBefore: undefined, unknown: 1 }],
])("sums when %s", (_, of, sums) => {
  expect(sumsOf(of)).toEqual(sums);
});

test.each([
  [12, 10, 0.2],
  [7, 3, 0.4],
  [0, 40, -1],
  [300, 0, 30],
  [null, 10, null],
  [10, undefined, null],
])("%o now and %o before rank as %o", (now, before, rank) => {
  expect(changeRank(now, before)).toBe(rank);
});

test.each([
  ["rising by two", [1, 3, 5, 7], false, 2],
  ["the growing day left out", [1, 3, 5, 0], true, 2],
  ["level", [4, 4, 4], false, 0],
  ["too short", [1, 2, 3], true, null],
  ["not known", [1, null, 3], false, null],
  ["not asked for", undefined, false, null],
])("the slope of a series that is %s", (_, series, isOpen, slope) => {
  expect(slopeOf(series, isOpen)).toBe(slope);
});

test.each([
  [1, undefined],
  [3, "day"],
  [60, "day"],
  [61, "week"],
  [406, "week"],
  [407, "month"],
  [3_652, undefined],
])("%i days have small charts by %o", (days, bucket) => {
  expect(bucketsOf(days)).toBe(bucket);
});

test("what the address does not say is the default, and leaves no trace", () => {
  const { table, wrong } = readTableAddress({});
  expect(table).toEqual({ sort: { column: "views", isReversed: false }, columns: HIDEABLE, text: "" });
  expect(wrong).toEqual([]);
  expect([sortText(table.sort), columnsText(table.columns)]).toEqual([undefined, undefined]);
});

test.each([
  [
    { sort: "-name", columns: "views,change", q: "an" },
    { column: "name", isReversed: true },
    ["views", "change"],
  ],
  [{ sort: "-views" }, { column: "views", isReversed: true }, HIDEABLE],
  [{ columns: "none" }, { column: "views", isReversed: false }, []],
])("an address that says %o is read and written the same", (search, sort, columns) => {
  const { table, wrong } = readTableAddress(search);
  expect(table).toEqual({ sort, columns, text: "q" in search ? search.q : "" });
  expect(wrong).toEqual([]);
  const written = {
    sort: sortText(table.sort),
    columns: columnsText(table.columns),
    q: table.text || undefined,
  };
  expect(written).toEqual({ sort: undefined, columns: undefined, q: undefined, ...search });
});

test("wrong parts of an address are named and ignored", () => {
  const { table, wrong } = readTableAddress({ sort: "-height", columns: "views,shoes,trend" });
  expect(table).toMatchObject({ sort: { column: "views", isReversed: false }, columns: ["views", "trend"] });
  expect(wrong).toMatchObject([
    { name: "sort", value: "-height" },
    { name: "columns", value: "shoes", instead: "views,trend" },
  ]);
});

test("a header sorts in the usual direction first, and then the other way round", () => {
  const once = sortAfterClick({ column: "views", isReversed: true }, "name");
  expect([isAscending(once), sortText(once)]).toEqual([true, "name"]);
  const twice = sortAfterClick(once, "name");
  expect([isAscending(twice), sortText(twice)]).toEqual([false, "-name"]);
  expect(isAscending(sortAfterClick(twice, "views"))).toBe(false);
  expect(isAscending(sortAfterClick(once, "category"))).toBe(true);
});
