import type { Dimension } from "@model-views/shared/contracts/breakdown.ts";

export const DIMENSION_LABELS: Readonly<Record<Dimension, string>> = {
  country: "Country",
  device: "Device",
  browser: "Browser",
  os: "System",
  referrer: "Referrer",
  utm_source: "Source",
  utm_medium: "Medium",
  utm_campaign: "Campaign",
};

/** Undefined: the reader's. */
const locale = undefined;

/** What views without a value have in its place, where that says more than that it is not known. */
const WITHOUT: Readonly<Partial<Record<Dimension, string>>> = {
  referrer: "Direct or unknown",
  utm_source: "Without a campaign",
  utm_medium: "Without a campaign",
  utm_campaign: "Without a campaign",
};

/** The name of a value of a breakdown or of a filter: a country's in the reader's language. Null and empty: there is none. */
export function nameOfValue(dimension: Dimension, value: string | null): string {
  if (value === null || value === "") return WITHOUT[dimension] ?? "Unknown";
  if (dimension !== "country") return value;
  try {
    return countries.of(value) ?? value;
  } catch {
    // No code of a country.
    return value;
  }
}

const countries = new Intl.DisplayNames(locale, { type: "region" });
