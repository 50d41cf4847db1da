import type { SQL } from "drizzle-orm";
import { type Audience, createPauses, numbersOf } from "../audiences/audience.ts";
import { sql } from "../postgres/sql.ts";

/** What was counted: views, and the numbers of the viewers as {@link numbersOf} reads them. */
type CountedRow = { views: number; numbers: Buffer };

export type ValueRow = CountedRow & { dimension: string; value: string | null };

/** SQL: values as rows `dimension, value, views, viewers, audience, nth`. */
export async function unnestValues(rows: readonly ValueRow[], newAudience: () => Audience): Promise<SQL> {
  const { views, viewers, audiences } = await columnsOf(rows, newAudience);
  return sql`unnest(${sql.param(rows.map(({ dimension }) => dimension))}::text[],
    ${sql.param(rows.map(({ value }) => value))}::text[], ${views}, ${viewers}, ${audiences})
    with ordinality v(dimension, value, views, viewers, audience, nth)`;
}

/**
 * SQL: the counts of these rows, each as an array. Other work of the process has its turn in between.
 *
 * @param all gets the viewers of all rows.
 */
export async function columnsOf(
  rows: readonly CountedRow[],
  newAudience: () => Audience,
  all?: Audience,
): Promise<Record<"views" | "viewers" | "audiences", SQL>> {
  const pause = createPauses();
  const found: { size: number; bytes: Buffer }[] = [];
  for (const { numbers } of rows) {
    using audience = newAudience();
    audience.addNumbers(numbersOf(numbers));
    all?.unite(audience);
    found.push({ size: audience.size, bytes: audience.toBytes() });
    await pause(numbers.length);
  }
  return {
    views: sql`${sql.param(rows.map(({ views }) => views))}::bigint[]`,
    viewers: sql`${sql.param(found.map(({ size }) => size))}::bigint[]`,
    audiences: sql`${sql.param(found.map(({ bytes }) => bytes))}::bytea[]`,
  };
}
