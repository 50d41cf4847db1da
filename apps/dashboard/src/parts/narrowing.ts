import { type Address, DIMENSIONS } from "../address/address.ts";
import { DIMENSION_LABELS, nameOfValue } from "../format/values.ts";

export const BOTS_LABELS: Readonly<Record<Address["bots"], string>> = {
  exclude: "Without bots",
  include: "With bots",
  only: "Bots only",
};

/** One part of what an address narrows or changes the shown views by. */
export type Narrowing = { label: string; without: Partial<Address> };

/** What an address narrows the shown views by, with the change that removes each. Only what the page has a use for. */
export function narrowingsOf(
  { filters, category, tz, bots }: Address,
  { filters: hasFilters, category: hasCategory }: { filters: boolean; category: boolean },
): Narrowing[] {
  const found: Narrowing[] = [];
  for (const dimension of hasFilters ? DIMENSIONS : []) {
    const value = filters[dimension];
    if (value === undefined) continue;
    const { [dimension]: _, ...others } = filters;
    found.push({
      label: `${DIMENSION_LABELS[dimension]}: ${nameOfValue(dimension, value)}`,
      without: { filters: others },
    });
  }
  if (hasCategory && category !== undefined) {
    found.push({ label: `Category: ${category}`, without: { category: undefined } });
  }
  if (tz !== undefined) found.push({ label: `Days of ${tz}`, without: { tz: undefined } });
  if (hasFilters && bots !== "exclude")
    found.push({ label: BOTS_LABELS[bots], without: { bots: "exclude" } });
  return found;
}
