import type { Dimension } from "@model-views/shared/contracts/breakdown.ts";
import type { SQL } from "drizzle-orm";
import { sql } from "../postgres/sql.ts";

/** Whose audience: of the whole site, or of each of these models. */
export type Scope = {
  modelIds?: readonly string[] | undefined;
  /** Only views with all of these values. Several are in no table, so their views are counted. */
  filters?: readonly ValueFilter[] | undefined;
};

/** A value of a dimension; null: the value is unknown. */
export type ValueFilter = { dimension: Dimension; value: string | null };

/**
 * What one question groups by: nothing, models, or the values of dimensions, of the site or of one model. Each row has its key:
 * {@link ALL}, the model's id, or that of the value.
 */
export type Grouping = Scope & { by?: readonly Dimension[] | undefined };

/** The key of rows that are not grouped. */
export const ALL = "";

/** SQL: a value as the end of a key. */
export function keyOfValue(value: SQL): SQL {
  return sql`coalesce('=' || ${value}, '')`;
}

/** The dimension and the value of a key such as `country=DE`; the value is null where it is unknown. */
export function partsOfKey(key: string): { dimension: string; value: string | null } {
  const end = key.indexOf("=");
  return end === -1
    ? { dimension: key, value: null }
    : { dimension: key.slice(0, end), value: key.slice(end + 1) };
}

/**
 * The dimensions whose stored values answer: those grouped by, or that of the filter. Undefined where values do not matter. Two
 * dimensions at once are in no table, so a filter leaves only its own.
 */
export function storedDimensions({ filters = [], by }: Grouping): readonly Dimension[] | undefined {
  const [filter, ...more] = filters;
  if (filter === undefined) return by;
  if (more.length > 0) return [];
  return (by ?? [filter.dimension]).filter((dimension) => dimension === filter.dimension);
}
