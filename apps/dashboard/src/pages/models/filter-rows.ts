import type { ModelRow } from "@model-views/shared/contracts/models-table.ts";

/** Capitals and accents make no difference: "zoe" finds "Zoë". */
function plain(text: string): string {
  return text
    .normalize("NFKD")
    .replace(/\p{Mark}/gu, "")
    .toLowerCase();
}

/**
 * The rows of a category whose names have every word of a text.
 *
 * @param category undefined for all of them.
 */
export function filterRows(
  rows: readonly ModelRow[],
  { text, category }: { text: string; category: string | undefined },
): readonly ModelRow[] {
  const words = plain(text)
    .split(/\s+/)
    .filter((word) => word !== "");
  if (words.length === 0 && category === undefined) return rows;
  return rows.filter((row) => {
    if (category !== undefined && row.category !== category) return false;
    if (words.length === 0) return true;
    const name = plain(row.name);
    return words.every((word) => name.includes(word));
  });
}

/** The categories of the rows, by the alphabet, with their models. */
export function categoriesOf(rows: readonly ModelRow[]): { category: string; models: number }[] {
  const counts = new Map<string, number>();
  for (const { category } of rows) {
    if (category !== null) counts.set(category, (counts.get(category) ?? 0) + 1);
  }
  return [...counts]
    .map(([category, models]) => ({ category, models }))
    .sort((one, other) => one.category.localeCompare(other.category));
}

export type Sums = {
  views: number;
  /** Undefined where the rows have no comparison, or one is not known. */
  viewsBefore: number | undefined;
  /** Rows whose views are not known: they are in no sum. */
  unknown: number;
};

/** The views of the rows together. Viewers do not add up: one may have seen several models. */
export function sumsOf(rows: readonly ModelRow[]): Sums {
  let views = 0;
  let viewsBefore: number | undefined = rows.length === 0 ? undefined : 0;
  let unknown = 0;
  for (const { totalViews, previous } of rows) {
    if (totalViews === null) unknown += 1;
    views += totalViews ?? 0;
    const before = previous?.totalViews ?? undefined;
    viewsBefore = viewsBefore === undefined || before === undefined ? undefined : viewsBefore + before;
  }
  return { views, viewsBefore, unknown };
}
