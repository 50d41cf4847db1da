import type { WrongPart } from "./address.ts";
import type { Search } from "./search.ts";

const ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Models of an address that are left out, and why. */
export type LeftOut = { word: string; why: string };

/**
 * The models that an address names in `m`, separated by commas, without repetitions. What is no id and what is too many is left
 * out.
 */
export function readChosenModels(
  { m }: Search,
  modelsMax: number,
): { chosen: readonly string[]; leftOut: readonly LeftOut[] } {
  const words = [...new Set((m ?? "").toLowerCase().split(","))].filter((word) => word !== "");
  const ids = words.filter((word) => ID.test(word));
  return {
    chosen: ids.slice(0, modelsMax),
    leftOut: [
      ...words.filter((word) => !ID.test(word)).map((word) => ({ word, why: "is not the id of a model" })),
      ...ids.slice(modelsMax).map((word) => ({ word, why: `is more than ${modelsMax} models` })),
    ],
  };
}

/** Those that are not among the models that exist. */
export function unknownModels(ids: readonly string[]): LeftOut[] {
  return ids.map((word) => ({ word, why: "is not the id of a model of this site" }));
}

/** What {@link readChosenModels} reads; undefined for none. */
export function chosenModelsText(ids: readonly string[]): string | undefined {
  return ids.length === 0 ? undefined : ids.join(",");
}

/** The part of the address that is ignored, as it is named to the reader. */
export function wrongModels(leftOut: readonly LeftOut[], kept: readonly string[]): WrongPart[] {
  if (leftOut.length === 0) return [];
  return [
    {
      name: "m",
      value: leftOut.map(({ word }) => word).join(","),
      why: [...new Set(leftOut.map(({ why }) => why))].join(", or "),
      instead: chosenModelsText(kept),
    },
  ];
}
