import type { Dimension } from "@model-views/shared/contracts/breakdown.ts";
import type { SQL } from "drizzle-orm";
import { sql } from "../postgres/sql.ts";
import type { modelViews } from "../schema.ts";

/** The names of the columns in schema.ts. */
type Columns = (typeof modelViews)["_"]["columns"];

const NAMES: Record<Dimension, Columns[keyof Columns]["_"]["name"]> = {
  device: "device",
  browser: "browser",
  os: "os",
  country: "country",
  referrer: "referrer_host",
  utm_source: "utm_source",
  utm_medium: "utm_medium",
  utm_campaign: "utm_campaign",
};

/** SQL: the column of a dimension. */
export function columnOf(dimension: Dimension): SQL {
  return sql`${sql.identifier(NAMES[dimension])}`;
}

/** SQL: a row `d` of `dimension` and `value` for each dimension of a view, to be joined with `cross join lateral`. */
export const VALUES_OF_VIEW = sql`(values ${sql.join(
  Object.entries(NAMES).map(([dimension, name]) => sql`(${dimension}::text, ${sql.identifier(name)}::text)`),
  sql`, `,
)}) d(dimension, value)`;
