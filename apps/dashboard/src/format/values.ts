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

/** The name of a value of a breakdown or of a filter: a country's in the reader's language. Null and empty: not known. */
export function nameOfValue(dimension: Dimension, value: string | null): string {
  if (value === null || value === "") return "Unknown";
  if (dimension !== "country") return value;
  try {
    return countries.of(value) ?? value;
  } catch {
    // No code of a country.
    return value;
  }
}

const countries = new Intl.DisplayNames(locale, { type: "region" });
