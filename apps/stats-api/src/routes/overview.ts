import { cancelledBy } from "@model-views/db/postgres/connect.ts";
import { liveStats } from "@model-views/db/stats/live-stats.ts";
import { siteTotals } from "@model-views/db/stats/site-totals.ts";
import type { Dimension } from "@model-views/shared/contracts/breakdown.ts";
import { overviewAnswerSchema, type Totals, totalsSchema } from "@model-views/shared/contracts/overview.ts";
import type { Response } from "express";
import { z } from "zod";
import { askParts } from "../http/parts.ts";
import { DAYS_BEFORE, hasPeriod, periodShape, resolvedPeriod } from "../http/periods.ts";
import { defineRoute } from "../http/route.ts";
import { askBreakdowns, breakdownsQuery } from "./breakdowns.ts";
import type { RouteDeps } from "./deps.ts";
import { invalid } from "./example-data.ts";
import { OVERVIEW_EXAMPLE, OVERVIEW_PERIOD } from "./overview-example.ts";
import { askTimeseries, timeseriesQuery } from "./timeseries.ts";
import { askTopInPeriod, askTopOfAllTime } from "./top.ts";
import { topQuestion } from "./top-query.ts";

/** What the first page of a dashboard breaks views down by. */
const DIMENSIONS: readonly Dimension[] = ["country", "device", "browser", "referrer", "utm_source"];

const DAY_MS = 86_400_000;

const overviewQuery = z.strictObject({
  ...periodShape,
  interval: timeseriesQuery.shape.interval,
  compare: timeseriesQuery.shape.compare,
});

type Deps = Pick<RouteDeps, "db" | "answers" | "inPeriod" | "onPartFailed" | "now">;
type Question = z.infer<typeof overviewQuery>;

export const overviewRoute = defineRoute({
  id: "getOverview",
  method: "get",
  path: "/v1/overview",
  summary: "What the first page of a dashboard shows, at once",
  description: `Each part has \`data\`, or an \`error\` when it could not be answered now, which costs the others nothing. The data of a part are those of its route, with a separate \`asOf\`. Without \`from\` and \`to\`, of today and the ${DAYS_BEFORE} days before it, by the calendar of \`tz\`.`,
  access: "read",
  query: overviewQuery,
  answers: {
    200: {
      description: "The parts",
      json: { Overview: overviewAnswerSchema },
      nested: { Totals: totalsSchema },
      headers: ["ETag"],
    },
  },
  examples: {
    threeDays: {
      summary: "Three days, compared with those before",
      query: { ...OVERVIEW_PERIOD, compare: "previous" },
      status: 200,
      answer: OVERVIEW_EXAMPLE,
    },
    endsTooEarly: {
      summary: "A period that ends before it begins",
      query: { from: "2026-11-22", to: "2026-11-20" },
      status: 422,
      answer: invalid("from", "must be before to"),
    },
  },
  async handle({ query, response }, deps: Deps) {
    const { interval, compare, ...asked } = query;
    const period = hasPeriod(asked) ? asked : { ...asked, from: daysAgo(deps.now(), asked.tz) };
    // The same questions as those of the parts' own routes, so that they share answers.
    const parts = await askParts(
      {
        totals: () => askTotals(response, deps, { ...period, compare }),
        timeseries: () =>
          askTimeseries(response, deps, timeseriesQuery.parse({ ...period, interval, compare })),
        topByViews: () => askTopInPeriod(response, deps, topQuestion({ ...period, sort: "total" })),
        topByViewers: () => askTopInPeriod(response, deps, topQuestion({ ...period, sort: "unique" })),
        trending: () => askTopOfAllTime(response, deps, topQuestion({ sort: "trending" })),
        breakdowns: () => askBreakdowns(response, deps, breakdownsQuery.parse({ ...period, by: DIMENSIONS })),
        live: () =>
          deps.answers.ofNow(response, ["live", {}], (unwanted) =>
            liveStats(cancelledBy(deps.db, unwanted).$client, deps.now()),
          ),
      },
      deps.onPartFailed,
    );
    // Each part has its own age.
    response.removeHeader("Age");
    response.json({ ...parts, asOf: deps.now().toISOString() });
  },
});

/** The day so many days ago, by the calendar of a time zone: the same text all day, so that answers can be shared. */
function daysAgo(now: Date, tz: string): string {
  const today = new Intl.DateTimeFormat("en-CA", { timeZone: tz, dateStyle: "short" }).format(now);
  return new Date(Date.parse(today) - DAYS_BEFORE * DAY_MS).toISOString().slice(0, 10);
}

type TotalsQuestion = Omit<Question, "interval">;

function askTotals(response: Response, deps: Deps, question: TotalsQuestion): Promise<Totals> {
  return deps.answers.ofPeriod(response, ["totals", question], totalsSchema, (unwanted) =>
    answerTotals(deps, question, unwanted),
  );
}

function answerTotals(
  { inPeriod, now }: Deps,
  question: TotalsQuestion,
  unwanted: AbortSignal,
): Promise<Totals> {
  const asOf = now();
  return inPeriod(question, { now: asOf, unwanted }, async (ask, period) => {
    const previous = { from: period.previousFrom, to: period.from };
    const periods = question.compare === undefined ? [period] : [previous, period];
    const totals = await siteTotals(ask, { periods, bots: "exclude" });
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
