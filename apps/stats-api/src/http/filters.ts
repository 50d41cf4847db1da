import type { ValueFilter } from "@model-views/db/audiences/grouping.ts";
import { type Dimension, dimensionSchema } from "@model-views/shared/contracts/breakdown.ts";
import { storableText } from "@model-views/shared/contracts/text.ts";
import { hasPeriod } from "./periods.ts";
import { invalidParameter } from "./problems.ts";

const valueQuery = (what: string) =>
  storableText(255)
    .optional()
    .describe(
      `Only views with this ${what}, as a breakdown has it; empty: those whose ${what} is unknown. With several filters, only views that match all of them`,
    );

/** The parameters of a question about a period that count only views with certain values. */
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

/** The filters of a question: none, or those that a view has to have all of. */
export function filtersOf(query: Filters): ValueFilter[] {
  return dimensionSchema.options.flatMap((dimension) => {
    const value = query[dimension];
    return value === undefined ? [] : [{ dimension, value: value || null }];
  });
}

/**
 * Checks the filters of a question that is about all time when it has no period: the counts of all time are not kept by value.
 *
 * @throws {ProblemError} a `422` when there is a filter without a period.
 */
export function checkFilters(query: Filters & Parameters<typeof hasPeriod>[0]): void {
  const [filter] = filtersOf(query);
  if (filter !== undefined && !hasPeriod(query)) throw invalidParameter(filter.dimension, "needs from or to");
}
