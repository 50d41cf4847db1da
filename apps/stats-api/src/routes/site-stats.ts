import { siteTotals } from "@model-views/db/stats/site-totals.ts";
import { type Totals, totalsSchema } from "@model-views/shared/contracts/overview.ts";
import { botsSchema } from "@model-views/shared/contracts/stats.ts";
import type { Response } from "express";
import { z } from "zod";
import { filterShape, filtersOf } from "../http/filters.ts";
import { compareShape, DAYS_BEFORE, periodShape, resolvedPeriod } from "../http/periods.ts";
import { defineRoute } from "../http/route.ts";
import type { RouteDeps } from "./deps.ts";
import { AS_OF, THREE_DAYS } from "./example-data.ts";

export const totalsQuery = z.strictObject({
  ...periodShape,
  ...compareShape,
  ...filterShape,
  bots: botsSchema.default("exclude"),
});

type Deps = Pick<RouteDeps, "answers" | "inPeriod" | "now">;
type Question = z.infer<typeof totalsQuery>;

export const siteStatsRoute = defineRoute({
  id: "getSiteStats",
  method: "get",
  path: "/v1/stats",
  summary: "Views and viewers of the whole site in a period",
  description: `Of the last ${DAYS_BEFORE} days by default.`,
  access: "read",
  query: totalsQuery,
  answers: {
    200: { description: "Its stats", json: { Totals: totalsSchema }, headers: ["ETag", "Age"] },
  },
  examples: {
    compared: {
      summary: "Three days, compared with the three days before",
      query: { ...THREE_DAYS, compare: "days" },
      status: 200,
      answer: {
        from: "2026-11-20T00:00:00.000Z",
        to: "2026-11-23T00:00:00.000Z",
        totalViews: 4,
        uniqueViews: 3,
        previous: {
          from: "2026-11-17T00:00:00.000Z",
          to: "2026-11-20T00:00:00.000Z",
          totalViews: 0,
          uniqueViews: 0,
        },
        asOf: AS_OF,
      },
    },
    ofOneCountry: {
      summary: "Views from Germany",
      query: { ...THREE_DAYS, country: "DE" },
      status: 200,
      answer: {
        from: "2026-11-20T00:00:00.000Z",
        to: "2026-11-23T00:00:00.000Z",
        totalViews: 2,
        uniqueViews: 1,
        asOf: AS_OF,
      },
    },
  },
  async handle({ query, response }, deps: Deps) {
    response.json(await askTotals(response, deps, query));
  },
});

/** The answer of `GET /v1/stats`. */
export function askTotals(response: Response, deps: Deps, question: Question): Promise<Totals> {
  return deps.answers.ofPeriod(response, ["totals", question], totalsSchema, (unwanted) =>
    answerTotals(deps, question, unwanted),
  );
}

function answerTotals({ inPeriod, now }: Deps, question: Question, unwanted: AbortSignal): Promise<Totals> {
  const { compare, bots } = question;
  const filters = filtersOf(question);
  const asOf = now();
  return inPeriod(question, { now: asOf, unwanted }, async (ask, period) => {
    const { previous } = period;
    // Periods that overlap, such as three years and those a year before, are asked for one by one.
    const rounds =
      compare === undefined
        ? [[period]]
        : previous.to <= period.from
          ? [[previous, period]]
          : [[previous], [period]];
    const totals = [];
    for (const periods of rounds) totals.push(...(await siteTotals(ask, { periods, filters, bots })));
    const [ofPeriod, ofPrevious] = totals
      .toReversed()
      .map(({ views, viewers }) => ({ totalViews: views, uniqueViews: viewers }));
    if (ofPeriod === undefined) throw new Error("a period without its totals");
    return {
      ...resolvedPeriod(period),
      ...ofPeriod,
      ...(ofPrevious && { previous: { ...resolvedPeriod(previous), ...ofPrevious } }),
      asOf: asOf.toISOString(),
    };
  });
}
