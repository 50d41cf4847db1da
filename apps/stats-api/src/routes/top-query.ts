import {
  botsSchema,
  halfLifeSchema,
  type NowSort,
  type PeriodSort,
  type TopSort,
  topSortSchema,
} from "@model-views/shared/contracts/stats.ts";
import { z } from "zod";
import { formatShape } from "../http/csv.ts";
import { filterShape, filtersOf } from "../http/filters.ts";
import { categoryQuery, halfLifeQuery, limitQuery } from "../http/parameters.ts";
import { periodShape } from "../http/periods.ts";

const OF_NOW = "is not for sort=hot and sort=rising: they are of now";

/** The parameters of the top list. */
export const topQuery = z
  .strictObject({
    ...periodShape,
    ...filterShape,
    ...formatShape,
    bots: botsSchema.default("exclude"),
    limit: limitQuery({ max: 100, otherwise: 10 }),
    sort: topSortSchema.default("total"),
    halfLife: halfLifeSchema
      .optional()
      .describe("Only with `sort=hot`: the time in which the weight of a view halves, by default `1d`"),
    halfLifeDays: halfLifeQuery,
    category: categoryQuery,
  })
  .refine(({ sort, halfLifeDays }) => halfLifeDays === undefined || sort === "trending", {
    error: "is for sort=trending",
    path: ["halfLifeDays"],
  })
  .refine(({ sort, halfLife }) => halfLife === undefined || sort === "hot", {
    error: "is for sort=hot",
    path: ["halfLife"],
  })
  .refine(({ sort, from }) => from === undefined || !isOfNow(sort), { error: OF_NOW, path: ["from"] })
  .refine(({ sort, to }) => to === undefined || !isOfNow(sort), { error: OF_NOW, path: ["to"] })
  .refine(({ sort, bots }) => bots === "exclude" || !isOfNow(sort), {
    error: "must be exclude with sort=hot and sort=rising, which leave out bots",
    path: ["bots"],
  })
  .superRefine((query, { addIssue }) => {
    if (!isOfNow(query.sort)) return;
    for (const { dimension } of filtersOf(query)) {
      addIssue({ code: "custom", message: OF_NOW, path: [dimension] });
    }
  });

/** The same with the defaults, as the parameters of a request are read. */
export function topQuestion(
  parameters: Readonly<Record<string, unknown>> & { sort: PeriodSort },
): TopQuestion {
  return { ...topQuery.parse(parameters), sort: parameters.sort };
}

/** Whether this ranking is of now, and not of all time or a period. */
export function isOfNow(sort: TopSort): sort is NowSort {
  return sort === "hot" || sort === "rising";
}

/** A question about all time or a period. */
export type TopQuestion = Omit<z.infer<typeof topQuery>, "sort"> & { sort: PeriodSort };
export type NowQuestion = Omit<TopQuestion, "sort"> & { sort: NowSort };
