import { cancelledBy } from "@model-views/db/postgres/connect.ts";
import { hoursOfWeek } from "@model-views/db/stats/hours-of-week.ts";
import {
  type HoursOfWeek,
  hourOfWeekSchema,
  hoursOfWeekSchema,
} from "@model-views/shared/contracts/hours-of-week.ts";
import { botsSchema } from "@model-views/shared/contracts/stats.ts";
import { modelIdSchema } from "@model-views/shared/contracts/views.ts";
import { z } from "zod";
import { formatShape, sendList } from "../http/csv.ts";
import { filterShape, filtersOf } from "../http/filters.ts";
import { checkModel } from "../http/in-period.ts";
import { DAYS_BEFORE, periodShape, resolvedPeriod } from "../http/periods.ts";
import { invalidParameter } from "../http/problems.ts";
import { defineRoute } from "../http/route.ts";
import type { RouteDeps } from "./deps.ts";
import {
  ANNA,
  AS_OF,
  csv,
  invalid,
  THREE_DAYS,
  THREE_DAYS_RESOLVED,
  UNKNOWN_ID,
  UNKNOWN_MODEL,
} from "./example-data.ts";

const COLUMNS = ["weekday", "hour", "views"] as const;

/** Days of the longest period: all of its views are read. */
const PERIOD_DAYS_MAX = 366;
const DAY_MS = 86_400_000;

const hoursQuery = z.strictObject({
  ...periodShape,
  ...filterShape,
  ...formatShape,
  bots: botsSchema.default("exclude"),
  modelId: modelIdSchema.optional().describe("Only of this model"),
});

type Deps = Pick<RouteDeps, "db" | "answers" | "inPeriod" | "now">;
type Question = z.infer<typeof hoursQuery>;

/** Anna's views: on a Friday, a Saturday and a Sunday. */
const annasHours: Readonly<Record<string, number>> = { "5 10": 1, "6 18": 1, "7 11": 1 };
const annasItems = Array.from({ length: 7 * 24 }, (_, index) => {
  const [weekday, hour] = [Math.floor(index / 24) + 1, index % 24];
  return { weekday, hour, views: annasHours[`${weekday} ${hour}`] ?? 0 };
});

export const hoursOfWeekRoute = defineRoute({
  id: "getHoursOfWeek",
  method: "get",
  path: "/v1/hours-of-week",
  summary: "Views by weekday and hour of the day",
  description: `All 168 hours of a week, by the clock of \`tz\`; an hour that the clock shows twice counts both times. Of the last ${DAYS_BEFORE} days by default, at most of ${PERIOD_DAYS_MAX} days.`,
  access: "read",
  query: hoursQuery,
  answers: {
    200: {
      description: "Hours with their views",
      json: { HoursOfWeek: hoursOfWeekSchema },
      nested: { HourOfWeek: hourOfWeekSchema },
      csv: true,
      headers: ["ETag", "Age", "Model-Views-Incomplete"],
    },
  },
  problems: [404],
  examples: {
    ofModel: {
      summary: "A model's hours",
      query: { modelId: ANNA, ...THREE_DAYS },
      status: 200,
      answer: {
        modelId: ANNA,
        ...THREE_DAYS_RESOLVED,
        items: annasItems,
        isIncomplete: false,
        asOf: AS_OF,
      },
    },
    asCsv: {
      summary: "As CSV",
      query: { modelId: ANNA, ...THREE_DAYS, format: "csv" },
      status: 200,
      answer: csv(
        "weekday,hour,views",
        ...annasItems.map(({ weekday, hour, views }) => `${weekday},${hour},${views}`),
      ),
    },
    tooLong: {
      summary: "A period that is too long",
      query: { from: "2024-01-01", to: "2026-01-01" },
      status: 422,
      answer: invalid("from", `must be at most ${PERIOD_DAYS_MAX} days before to`),
    },
    unknown: { ...UNKNOWN_MODEL, query: { modelId: UNKNOWN_ID } },
  },
  async handle({ query, request, response }, deps: Deps) {
    const answer = await deps.answers.ofPeriod(
      response,
      ["hours of the week", query],
      hoursOfWeekSchema,
      (unwanted) => answerHours(deps, query, unwanted),
    );
    await sendList({ request, response, query }, answer, COLUMNS);
  },
});

async function answerHours(
  { db, inPeriod, now }: Deps,
  question: Question,
  unwanted: AbortSignal,
): Promise<HoursOfWeek> {
  const { modelId, tz, bots } = question;
  const filters = filtersOf(question);
  const asOf = now();
  if (modelId !== undefined) await checkModel(cancelledBy(db, unwanted), modelId);
  return inPeriod(question, { now: asOf, unwanted }, async (ask, period) => {
    // Days of a time zone may be some hours longer than so many days of 24 hours.
    if (period.to.getTime() - period.from.getTime() > (PERIOD_DAYS_MAX + 0.5) * DAY_MS) {
      throw invalidParameter("from", `must be at most ${PERIOD_DAYS_MAX} days before to`);
    }
    return {
      ...(modelId === undefined ? {} : { modelId }),
      tz,
      ...resolvedPeriod(period),
      ...(await hoursOfWeek(ask, { ...period, modelId, filters, bots })),
      asOf: asOf.toISOString(),
    };
  });
}
