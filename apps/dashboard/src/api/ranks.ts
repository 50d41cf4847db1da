import type { ModelRow } from "@model-views/shared/contracts/models-table.ts";

/** A place among the models with views; null where it is not known. Models with the same number share the better place. */
export type Place = { rank: number | null; of: number };
export type Places = { byViews: Place; byViewers: Place };
export type Ranks = Places & { inCategory: (Places & { category: string }) | null };

type Row = Pick<ModelRow, "modelId" | "category" | "totalViews" | "uniqueViews">;

/** The places of a model in a table of all models. Undefined when the table does not have it. */
export function ranksOf(rows: readonly Row[], modelId: string): Ranks | undefined {
  const model = rows.find((row) => row.modelId === modelId);
  if (model === undefined) return undefined;
  const { category } = model;
  const ofCategory = category === null ? undefined : rows.filter((row) => row.category === category);
  return {
    ...placesOf(rows, model),
    inCategory:
      category === null || ofCategory === undefined ? null : { category, ...placesOf(ofCategory, model) },
  };
}

function placesOf(rows: readonly Row[], model: Row): Places {
  return { byViews: placeOf(rows, model, "totalViews"), byViewers: placeOf(rows, model, "uniqueViews") };
}

function placeOf(rows: readonly Row[], model: Row, by: "totalViews" | "uniqueViews"): Place {
  const counts = rows.map((row) => row[by]);
  const own = model[by];
  const of = counts.filter((count) => count !== 0).length;
  // Behind a number that is not known, no place is.
  if (own === null || own === 0 || counts.includes(null)) return { rank: null, of };
  return { rank: 1 + counts.filter((count) => count !== null && count > own).length, of };
}
