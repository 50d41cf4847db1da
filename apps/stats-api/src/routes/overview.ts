import { cancelledBy } from "@model-views/db/postgres/connect.ts";
import { liveStats } from "@model-views/db/stats/live-stats.ts";
import type { Dimension } from "@model-views/shared/contracts/breakdown.ts";
import { overviewAnswerSchema, totalsSchema } from "@model-views/shared/contracts/overview.ts";
import { z } from "zod";
import { askParts } from "../http/parts.ts";
import { compareShape, DAYS_BEFORE, hasPeriod, periodShape } from "../http/periods.ts";
import { defineRoute } from "../http/route.ts";
import { askBreakdowns, breakdownsQuery } from "./breakdowns.ts";
import type { RouteDeps } from "./deps.ts";
import { invalid } from "./example-data.ts";
import { OVERVIEW_EXAMPLE, OVERVIEW_PERIOD } from "./overview-example.ts";
import { askTotals, totalsQuery } from "./site-stats.ts";
import { askTimeseries, timeseriesQuery } from "./timeseries.ts";
import { askTopInPeriod, askTopOfAllTime } from "./top.ts";
import { topQuestion } from "./top-query.ts";

/** What the first page of a dashboard breaks views down by. */
const DIMENSIONS: readonly Dimension[] = ["country", "device", "browser", "referrer", "utm_source"];

const DAY_MS = 86_400_000;

const overviewQuery = z.strictObject({
  ...periodShape,
  ...compareShape,
  interval: timeseriesQuery.shape.interval,
});

type Deps = Pick<RouteDeps, "db" | "answers" | "inPeriod" | "onPartFailed" | "now">;

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
        totals: () => askTotals(response, deps, totalsQuery.parse({ ...period, compare })),
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
