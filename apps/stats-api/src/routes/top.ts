import { cancelledBy, type Queryable } from "@model-views/db/postgres/connect.ts";
import { hotModels } from "@model-views/db/stats/hot-models.ts";
import { topInPeriod } from "@model-views/db/stats/period-stats.ts";
import { risingModels } from "@model-views/db/stats/rising-models.ts";
import { topModels } from "@model-views/db/stats/top-models.ts";
import {
  rankedInPeriodSchema,
  type TopInPeriodAnswer,
  topInPeriodAnswerSchema,
} from "@model-views/shared/contracts/period-stats.ts";
import {
  type HotModelsAnswer,
  hotModelSchema,
  hotModelsAnswerSchema,
  rankedModelSchema,
  type TopModelsAnswer,
  topModelsAnswerSchema,
  whySchema,
} from "@model-views/shared/contracts/stats.ts";
import type { Response } from "express";
import { ofAllTime, readsOf } from "../http/all-time.ts";
import { sendList, sendListAs } from "../http/csv.ts";
import { checkFilters, filtersOf } from "../http/filters.ts";
import { hasPeriod, resolvedPeriod } from "../http/periods.ts";
import { defineRoute } from "../http/route.ts";
import type { RouteDeps } from "./deps.ts";
import {
  ANNA,
  ANNA_HOT,
  ANNA_OF_TWO_DAYS,
  ANNA_RANKED,
  ANNA_RISING,
  AS_OF,
  BELLA,
  BELLA_RANKED,
  BELLA_RISING,
  csv,
  invalid,
  TWO_DAYS,
  TWO_DAYS_RESOLVED,
} from "./example-data.ts";
import { isOfNow, type NowQuestion, type TopQuestion, topQuery } from "./top-query.ts";

const COLUMNS = ["modelId", "name", "category", "totalViews", "uniqueViews", "lastViewedAt"] as const;

const HOT_COLUMNS = [...COLUMNS, "score", "why"] as const;

type Deps = Pick<RouteDeps, "db" | "answers" | "inPeriod" | "now">;

export const topRoute = defineRoute({
  id: "getTopModels",
  method: "get",
  path: "/v1/models/top",
  summary: "The most viewed models",
  description:
    "Of all time, or of a period with `from` or `to`; with filters of a period only. `hot` and `rising` are of now, and their rows have `score` and `why`. Models without views are left out; ties are broken by the model's id.",
  access: "read",
  query: topQuery,
  answers: {
    200: {
      description: "Ranked models",
      json: {
        TopModels: topModelsAnswerSchema,
        HotModels: hotModelsAnswerSchema,
        TopInPeriod: topInPeriodAnswerSchema,
      },
      nested: {
        RankedModel: rankedModelSchema,
        HotModel: hotModelSchema,
        Why: whySchema,
        RankedInPeriod: rankedInPeriodSchema,
      },
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
    hot: {
      summary: "Hot in the last days",
      query: { sort: "hot", halfLife: "7d", limit: 1 },
      status: 200,
      answer: { items: [ANNA_HOT], asOf: AS_OF },
    },
    rising: {
      summary: "More views than usual",
      query: { sort: "rising" },
      status: 200,
      answer: { items: [ANNA_RISING, BELLA_RISING], asOf: AS_OF },
    },
    hotOfPeriod: {
      summary: "What is hot has no period",
      query: { sort: "hot", from: "2026-11-20" },
      status: 422,
      answer: invalid("from", "is not for sort=hot and sort=rising: they are of now"),
    },
    hotOfOneCountry: {
      summary: "Nor a filter",
      query: { sort: "rising", country: "DE" },
      status: 422,
      answer: invalid("country", "is not for sort=hot and sort=rising: they are of now"),
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
    hotAsCsv: {
      summary: "As CSV, with the reason in words",
      query: { sort: "rising", format: "csv", limit: 1 },
      status: 200,
      answer: csv(
        "modelId,name,category,totalViews,uniqueViews,lastViewedAt,score,why",
        `${ANNA},Anna,women,3,2,2026-11-22T11:57:00.000Z,0.262076423,"2 views in the last 24 hours, usually 1 (by 1 day of history)"`,
      ),
    },
    ofOneCountry: {
      summary: "Most viewed from France",
      query: { ...TWO_DAYS, to: "2026-11-23", country: "FR", limit: 1 },
      status: 200,
      answer: {
        items: [
          {
            modelId: ANNA,
            name: "Anna",
            category: "women",
            totalViews: 1,
            uniqueViews: 1,
            lastViewedAt: ANNA_RANKED.lastViewedAt,
          },
        ],
        isIncomplete: false,
        from: TWO_DAYS_RESOLVED.from,
        to: "2026-11-22T23:00:00.000Z",
        asOf: AS_OF,
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
    const { sort } = query;
    if (isOfNow(sort)) {
      const answer = await deps.answers.ofNow(
        response,
        ["top", query],
        (unwanted) => topOfNow(deps, { ...query, sort }, unwanted),
        sort === "rising" ? "views" : "rollups",
      );
      const rows = answer.items.map(({ why, ...row }) => ({ ...row, why: why.text }));
      return sendListAs({ request, response, query }, answer, { columns: HOT_COLUMNS, rows });
    }
    const question = { ...query, sort };
    checkFilters(question);
    const answer = hasPeriod(question)
      ? await askTopInPeriod(response, deps, question)
      : await askTopOfAllTime(response, deps, question);
    await sendList({ request, response, query }, answer, COLUMNS);
  },
});

/** The answer of `GET /v1/models/top` for a period. */
export function askTopInPeriod(
  response: Response,
  deps: Deps,
  question: TopQuestion,
): Promise<TopInPeriodAnswer> {
  return deps.answers.ofPeriod(response, ["top", question], topInPeriodAnswerSchema, (unwanted) =>
    topOfPeriod(deps, question, unwanted),
  );
}

/** The answer of `GET /v1/models/top` without a period. */
export function askTopOfAllTime(
  response: Response,
  deps: Deps,
  question: TopQuestion,
): Promise<TopModelsAnswer> {
  return deps.answers.ofNow(
    response,
    ["top", question],
    (unwanted) => topOfAllTime({ ...deps, db: cancelledBy(deps.db, unwanted) }, question),
    readsOf(question.bots),
  );
}

/** `rising` reads the last weeks of every model, so it counts towards the limit of such questions. */
async function topOfNow(
  { db, now }: Deps,
  { sort, halfLife = "1d", ...question }: NowQuestion,
  signal: AbortSignal,
): Promise<HotModelsAnswer> {
  const at = now();
  const items =
    sort === "hot"
      ? await hotModels(db.$client, { ...question, halfLife, now: at, signal })
      : await risingModels(db.$client, { ...question, now: at, signal });
  return { items, asOf: at.toISOString() };
}

function topOfAllTime(
  deps: { db: Queryable; now: () => Date },
  question: TopQuestion,
): Promise<TopModelsAnswer> {
  return ofAllTime(deps, question.bots, async (now) => ({
    items: await topModels(deps.db, { ...question, now }),
  }));
}

function topOfPeriod(
  { inPeriod, now }: Deps,
  question: TopQuestion,
  unwanted: AbortSignal,
): Promise<TopInPeriodAnswer> {
  const filters = filtersOf(question);
  const asOf = now();
  return inPeriod(question, { now: asOf, unwanted }, async (ask, period) => ({
    ...(await topInPeriod(ask, { ...question, ...period, filters })),
    ...resolvedPeriod(period),
    asOf: asOf.toISOString(),
  }));
}
