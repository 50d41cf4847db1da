import type { ValueFilter } from "@model-views/db/audiences/stored-audiences.ts";
import { type Dimension, dimensionSchema } from "@model-views/shared/contracts/breakdown.ts";
import { storableText } from "@model-views/shared/contracts/text.ts";
import { hasPeriod } from "./periods.ts";
import { invalidParameter } from "./problems.ts";

const valueQuery = (what: string) =>
  storableText(255)
    .optional()
    .describe(
      `Only views with this ${what}, as a breakdown has it; empty: those whose ${what} is unknown. One filter at a time`,
    );

/** The parameters of a question about a period that count only views with one value. */
export const filterShape = {
  device: valueQuery("device"),
  browser: valueQuery("browser"),
  os: valueQuery("system"),
  country: valueQuery("country"),
  referrer: valueQuery("referrer's host"),
  utm_source: valueQuery("source"),
  utm_medium: valueQuery("medium"),
  utm_campaign: valueQuery("campaign"),
} satisfies Record<Dimension, unknown>;

type Filters = { [dimension in Dimension]?: string | undefined };

/**
 * The filter of a question; undefined without one.
 *
 * @throws {ProblemError} a `422` when there is more than one.
 */
export function filterOf(query: Filters): ValueFilter | undefined {
  const [first, second] = dimensionSchema.options.filter((dimension) => query[dimension] !== undefined);
  if (second !== undefined) {
    throw invalidParameter(second, `must not be given with ${first}: one filter at a time`);
  }
  if (first === undefined) return undefined;
  return { dimension: first, value: query[first] || null };
}

/**
 * Checks the filter of a question that is about all time when it has no period: the counts of all time are not kept by value.
 *
 * @throws {ProblemError} a `422` when there is more than one filter, or one without a period.
 */
export function checkFilter(query: Filters & Parameters<typeof hasPeriod>[0]): void {
  const filter = filterOf(query);
  if (filter !== undefined && !hasPeriod(query)) throw invalidParameter(filter.dimension, "needs from or to");
}
