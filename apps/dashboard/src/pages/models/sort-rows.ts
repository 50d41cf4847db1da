import type { ModelRow } from "@model-views/shared/contracts/models-table.ts";
import { type Column, isAscending, type Sort } from "./columns.ts";
import { changeRank, slopeOf } from "./trend.ts";

const byText = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

type SortKey = number | string | null;

/**
 * The rows in another order. What is not known, or is not there, comes last in both directions. Equal rows: the most viewed
 * first, then by name and by id, so that the order is always the same.
 *
 * @param isOpen whether the last bucket of the series still grows.
 */
export function sortRows(rows: readonly ModelRow[], sort: Sort, isOpen: boolean): ModelRow[] {
  const direction = isAscending(sort) ? 1 : -1;
  const keyed = rows.map((row) => ({ row, key: keyOf(row, sort.column, isOpen) }));
  keyed.sort((one, other) => compareKeys(one.key, other.key, direction) || compareEqual(one.row, other.row));
  return keyed.map(({ row }) => row);
}

function keyOf(row: ModelRow, column: Column, isOpen: boolean): SortKey {
  switch (column) {
    case "name":
      return row.name;
    case "category":
      return row.category;
    case "views":
      return row.totalViews;
    case "viewers":
      return row.uniqueViews;
    case "change":
      return changeRank(row.totalViews, row.previous?.totalViews);
    case "trend":
      return slopeOf(row.series, isOpen);
    case "viewed":
      return row.lastViewedAt === null ? null : Date.parse(row.lastViewedAt);
    case "added":
      return Date.parse(row.createdAt);
  }
}

function compareKeys(one: SortKey, other: SortKey, direction: number): number {
  if (one === other) return 0;
  if (one === null) return 1;
  if (other === null) return -1;
  const order = typeof one === "string" ? byText.compare(one, String(other)) : one - Number(other);
  return direction * order;
}

function compareEqual(one: ModelRow, other: ModelRow): number {
  return (
    (other.totalViews ?? -1) - (one.totalViews ?? -1) ||
    byText.compare(one.name, other.name) ||
    (one.modelId < other.modelId ? -1 : 1)
  );
}
