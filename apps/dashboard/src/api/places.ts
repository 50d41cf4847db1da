import type { ModelRow } from "@model-views/shared/contracts/models-table.ts";

/** Where a model stands among those with views: 1 for the most; equal numbers share the better place. */
export type Place = { rank: number; of: number };

/**
 * The place of a model among others. Undefined without views, and where a number is not known, because it might be any.
 *
 * @param rows all models, or those of a category.
 */
export function placeOf(
  rows: readonly ModelRow[],
  modelId: string,
  field: "totalViews" | "uniqueViews",
): Place | undefined {
  const own = rows.find((row) => row.modelId === modelId)?.[field];
  if (own == null || own === 0) return undefined;
  let rank = 1;
  let of = 0;
  for (const row of rows) {
    const count = row[field];
    if (count === null) return undefined;
    if (count > 0) of += 1;
    if (count > own) rank += 1;
  }
  return { rank, of };
}
