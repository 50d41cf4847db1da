import { cancelledBy, type Queryable } from "@model-views/db/postgres/connect.ts";
import { topInPeriod } from "@model-views/db/stats/period-stats.ts";
import { topModels } from "@model-views/db/stats/top-models.ts";
import {
  rankedInPeriodSchema,
  type TopInPeriodAnswer,
  topInPeriodAnswerSchema,
} from "@model-views/shared/contracts/period-stats.ts";
import {
  botsSchema,
  rankedModelSchema,
  type TopModelsAnswer,
  topModelsAnswerSchema,
  topSortSchema,
} from "@model-views/shared/contracts/stats.ts";
import { z } from "zod";
import { ofAllTime, readsOf } from "../http/all-time.ts";
import { formatShape, sendList } from "../http/csv.ts";
import { categoryQuery, halfLifeQuery, limitQuery } from "../http/parameters.ts";
import { hasPeriod, periodShape, resolvedPeriod } from "../http/periods.ts";
import { defineRoute } from "../http/route.ts";
import type { RouteDeps } from "./deps.ts";
import {
  ANNA,
  ANNA_OF_TWO_DAYS,
  ANNA_STATS,
  AS_OF,
  BELLA,
  BELLA_STATS,
  csv,
  invalid,
  TWO_DAYS,
  TWO_DAYS_RESOLVED,
} from "./example-data.ts";

const COLUMNS = ["modelId", "name", "category", "totalViews", "uniqueViews", "lastViewedAt"] as const;

const ANNA_RANKED = { ...ANNA_STATS, name: "Anna", category: "women" };
const BELLA_RANKED = { ...BELLA_STATS, name: "Bella", category: "women" };

const topQuery = z
  .strictObject({
    ...periodShape,
    ...formatShape,
    bots: botsSchema.default("exclude"),
    limit: limitQuery({ max: 100, otherwise: 10 }),
    sort: topSortSchema.default("total"),
    halfLifeDays: halfLifeQuery,
    category: categoryQuery,
  })
  .refine(({ sort, halfLifeDays }) => halfLifeDays === undefined || sort === "trending", {
    error: "is for sort=trending",
    path: ["halfLifeDays"],
  });

type Deps = Pick<RouteDeps, "db" | "answers" | "inPeriod" | "now">;
type Question = z.infer<typeof topQuery>;

export const topRoute = defineRoute({
  id: "getTopModels",
  method: "get",
  path: "/v1/models/top",
  summary: "The most viewed models",
  description:
    "Of all time, or of a period with `from` or `to`. Models without views are left out; ties are broken by the model's id.",
  access: "read",
  query: topQuery,
  answers: {
    200: {
      description: "Ranked models",
      json: { TopModels: topModelsAnswerSchema, TopInPeriod: topInPeriodAnswerSchema },
      nested: { RankedModel: rankedModelSchema, RankedInPeriod: rankedInPeriodSchema },
      csv: true,
      headers: ["ETag", "Age", "Model-Views-Incomplete"],
    },
  },
  examples: {
    allTime: {
      summary: "Of all time",
      query: { limit: 2 },
      status: 200,
      answer: { items: [ANNA_RANKED, BELLA_RANKED], asOf: AS_OF },
    },
    trending: {
      summary: "Trending of a category",
      query: { sort: "trending", category: "women", limit: 1 },
      status: 200,
      answer: { items: [ANNA_RANKED], asOf: AS_OF },
    },
    trendingByHalfLife: {
      summary: "Trending, where a week without views counts half",
      query: { sort: "trending", halfLifeDays: 7, limit: 1 },
      status: 200,
      answer: { items: [ANNA_RANKED], asOf: AS_OF },
    },
    halfLifeOfTotal: {
      summary: "A half-life for another order",
      query: { sort: "total", halfLifeDays: 7 },
      status: 422,
      answer: invalid("halfLifeDays", "is for sort=trending"),
    },
    ofPeriod: {
      summary: "Two days in Berlin",
      query: TWO_DAYS,
      status: 200,
      answer: {
        items: [{ ...ANNA_OF_TWO_DAYS, name: "Anna", category: "women" }],
        isIncomplete: false,
        ...TWO_DAYS_RESOLVED,
      },
    },
    asCsv: {
      summary: "As CSV",
      query: { sort: "unique", format: "csv" },
      status: 200,
      answer: csv(
        "modelId,name,category,totalViews,uniqueViews,lastViewedAt",
        `${ANNA},Anna,women,3,2,2026-11-22T11:57:00.000Z`,
        `${BELLA},Bella,women,1,1,2026-11-22T11:58:00.000Z`,
      ),
    },
  },
  async handle({ query, request, response }, deps: Deps) {
    const question = ["top", query] as const;
    const answer = hasPeriod(query)
      ? await deps.answers.ofPeriod(response, question, topInPeriodAnswerSchema, (unwanted) =>
          topOfPeriod(deps, query, unwanted),
        )
      : await deps.answers.ofNow(
          response,
          question,
          (unwanted) => topOfAllTime({ ...deps, db: cancelledBy(deps.db, unwanted) }, query),
          readsOf(query.bots),
        );
    await sendList({ request, response, query }, answer, COLUMNS);
  },
});

function topOfAllTime(
  deps: { db: Queryable; now: () => Date },
  question: Question,
): Promise<TopModelsAnswer> {
  return ofAllTime(deps, question.bots, async (now) => ({
    items: await topModels(deps.db, { ...question, now }),
  }));
}

function topOfPeriod(
  { inPeriod, now }: Deps,
  question: Question,
  unwanted: AbortSignal,
): Promise<TopInPeriodAnswer> {
  const asOf = now();
  return inPeriod(question, { now: asOf, unwanted }, async (ask, period) => ({
    ...(await topInPeriod(ask, { ...question, ...period })),
    ...resolvedPeriod(period),
    asOf: asOf.toISOString(),
  }));
}
