import type { SQL } from "drizzle-orm";
import { type Audience, numbersOf } from "../audiences/audience.ts";
import { sql } from "../postgres/sql.ts";

/** What was counted of a value: its views, and the numbers of its viewers as {@link numbersOf} reads them. */
export type ValueRow = { dimension: string; value: string | null; views: number; numbers: Buffer };

/** SQL: values as rows `dimension, value, views, viewers, audience, nth`. */
export function unnestValues(rows: readonly ValueRow[], newAudience: () => Audience): SQL {
  const audiences = rows.map(({ numbers }) => audienceOf(newAudience, numbers));
  return sql`unnest(${sql.param(rows.map(({ dimension }) => dimension))}::text[],
    ${sql.param(rows.map(({ value }) => value))}::text[], ${sql.param(rows.map(({ views }) => views))}::bigint[],
    ${sql.param(audiences.map(({ size }) => size))}::bigint[], ${sql.param(audiences.map(({ bytes }) => bytes))}::bytea[])
    with ordinality v(dimension, value, views, viewers, audience, nth)`;
}

/** The audience with these numbers, as it is stored. */
export function audienceOf(newAudience: () => Audience, numbers: Buffer): { size: number; bytes: Buffer } {
  using audience = newAudience();
  audience.addNumbers(numbersOf(numbers));
  return { size: audience.size, bytes: audience.toBytes() };
}
