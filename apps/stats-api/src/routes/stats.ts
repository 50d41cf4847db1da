import { cancelledBy, type Queryable } from "@model-views/db/postgres/connect.ts";
import { manyModelStats, modelStats } from "@model-views/db/stats/model-stats.ts";
import { manyPeriodStats } from "@model-views/db/stats/period-stats.ts";
import type { AskedPeriod } from "@model-views/db/stats/resolve-period.ts";
import type { Period } from "@model-views/shared/contracts/period.ts";
import {
  type ManyStatsOfPeriod,
  manyStatsOfPeriodSchema,
  type StatsOfPeriodAnswer,
  statsOfPeriodAnswerSchema,
  statsOfPeriodSchema,
} from "@model-views/shared/contracts/period-stats.ts";
import {
  type Bots,
  botsSchema,
  type ManyModelStats,
  type ModelStatsAnswer,
  manyModelStatsSchema,
  modelStatsAnswerSchema,
  modelStatsSchema,
} from "@model-views/shared/contracts/stats.ts";
import { modelIdSchema } from "@model-views/shared/contracts/views.ts";
import { z } from "zod";
import { ofAllTime, readsOf } from "../http/all-time.ts";
import { formatShape, sendList } from "../http/csv.ts";
import { checkFilters, filterShape, filtersOf } from "../http/filters.ts";
import { listQuery, modelParams } from "../http/parameters.ts";
import { compareShape, hasPeriod, periodShape, resolvedPeriod } from "../http/periods.ts";
import { invalidParameter, unknownModel } from "../http/problems.ts";
import { defineRoute } from "../http/route.ts";
import type { RouteDeps } from "./deps.ts";
import {
  ANNA,
  ANNA_OF_TWO_DAYS,
  ANNA_STATS,
  AS_OF,
  BELLA,
  BELLA_STATS,
  CARLA,
  csv,
  invalid,
  TWO_DAYS,
  TWO_DAYS_RESOLVED,
  UNKNOWN_ID,
  UNKNOWN_MODEL,
} from "./example-data.ts";

/** Models in one question. */
const IDS_MAX = 200;
const IDS_ERROR = `must be 1 to ${IDS_MAX} ids of models, separated by commas`;

const COLUMNS = ["modelId", "totalViews", "uniqueViews", "lastViewedAt"] as const;

const bots = botsSchema.default("exclude");

type Deps = Pick<RouteDeps, "db" | "answers" | "inPeriod" | "now">;
type AllTimeDeps = { db: Queryable; now: () => Date };
type Question = AskedPeriod & Parameters<typeof filtersOf>[0] & { bots: Bots };

export const manyStatsRoute = defineRoute({
  id: "getManyModelStats",
  method: "get",
  path: "/v1/models/stats",
  summary: "Views and viewers of many models",
  description:
    "Of all time, or of a period with `from` or `to`; with filters of a period only. In the order asked; models that do not exist are left out, and listed in `unknown`.",
  access: "read",
  query: z.strictObject({
    ...periodShape,
    ...filterShape,
    ...formatShape,
    bots,
    ids: listQuery(
      z.array(modelIdSchema, { error: IDS_ERROR }).min(1).max(IDS_MAX, { error: IDS_ERROR }),
    ).describe("Models, separated by commas"),
  }),
  answers: {
    200: {
      description: "The stats of each model",
      json: { ManyModelStats: manyModelStatsSchema, ManyStatsOfPeriod: manyStatsOfPeriodSchema },
      nested: { ModelStats: modelStatsSchema, StatsOfPeriod: statsOfPeriodSchema },
      csv: true,
      headers: ["ETag", "Age"],
    },
  },
  examples: {
    allTime: {
      summary: "Of all time, one of them unknown",
      query: { ids: [BELLA, UNKNOWN_ID, ANNA] },
      status: 200,
      answer: { items: [BELLA_STATS, ANNA_STATS], unknown: [UNKNOWN_ID], asOf: AS_OF },
    },
    ofPeriod: {
      summary: "Two days in Berlin",
      query: { ids: [ANNA], ...TWO_DAYS },
      status: 200,
      answer: { items: [ANNA_OF_TWO_DAYS], unknown: [], ...TWO_DAYS_RESOLVED },
    },
    asCsv: {
      summary: "As CSV, with bots",
      query: { ids: [ANNA, BELLA], bots: "include", format: "csv" },
      status: 200,
      answer: csv(
        "modelId,totalViews,uniqueViews,lastViewedAt",
        `${ANNA},3,2,2026-11-22T11:57:00.000Z`,
        `${BELLA},2,2,2026-11-22T11:59:00.000Z`,
      ),
    },
  },
  async handle({ query, request, response }, deps: Deps) {
    checkFilters(query);
    const ids = [...new Set(query.ids)];
    const question = ["stats of many", { ...query, ids }] as const;
    const answer = hasPeriod(query)
      ? await deps.answers.ofPeriod(response, question, manyStatsOfPeriodSchema, (unwanted) =>
          manyOfPeriod(deps, ids, query, unwanted),
        )
      : await deps.answers.ofNow(
          response,
          question,
          (unwanted) => manyOfAllTime({ ...deps, db: cancelledBy(deps.db, unwanted) }, ids, query.bots),
          readsOf(query.bots),
        );
    await sendList({ request, response, query }, answer, COLUMNS);
  },
});

export const modelStatsRoute = defineRoute({
  id: "getModelStats",
  method: "get",
  path: "/v1/models/:modelId/stats",
  summary: "Views and viewers of a model",
  description:
    "Of all time, or of a period with `from` or `to`; with filters of a period only. A model without views has 0, 0 and null.",
  access: "read",
  params: modelParams,
  query: z.strictObject({ ...periodShape, ...compareShape, ...filterShape, bots }),
  answers: {
    200: {
      description: "Its stats",
      json: { ModelStatsAnswer: modelStatsAnswerSchema, StatsOfPeriodAnswer: statsOfPeriodAnswerSchema },
      headers: ["ETag", "Age"],
    },
  },
  problems: [404],
  examples: {
    allTime: {
      summary: "Of all time",
      params: { modelId: ANNA },
      status: 200,
      answer: { ...ANNA_STATS, asOf: AS_OF },
    },
    notViewed: {
      summary: "A model without views",
      params: { modelId: CARLA },
      status: 200,
      answer: { modelId: CARLA, totalViews: 0, uniqueViews: 0, lastViewedAt: null, asOf: AS_OF },
    },
    ofPeriod: {
      summary: "Two days in Berlin",
      params: { modelId: ANNA },
      query: TWO_DAYS,
      status: 200,
      answer: { ...ANNA_OF_TWO_DAYS, ...TWO_DAYS_RESOLVED },
    },
    unknown: { ...UNKNOWN_MODEL, params: { modelId: UNKNOWN_ID } },
    filterOfAllTime: {
      summary: "A filter without a period",
      params: { modelId: ANNA },
      query: { country: "DE" },
      status: 422,
      answer: invalid("country", "needs from or to"),
    },
    endsTooEarly: {
      summary: "A period that ends before it begins",
      params: { modelId: ANNA },
      query: { from: "2026-11-22", to: "2026-11-20" },
      status: 422,
      answer: invalid("from", "must be before to"),
    },
  },
  async handle({ params: { modelId }, query, response }, deps: Deps) {
    checkFilters(query);
    if (query.compare !== undefined && !hasPeriod(query))
      throw invalidParameter("compare", "needs from or to");
    const question = ["stats", { ...query, modelId }] as const;
    const answer = hasPeriod(query)
      ? await deps.answers.ofPeriod(response, question, statsOfPeriodAnswerSchema, (unwanted) =>
          oneOfPeriod(deps, modelId, query, unwanted),
        )
      : await deps.answers.ofNow(
          response,
          question,
          (unwanted) => oneOfAllTime({ ...deps, db: cancelledBy(deps.db, unwanted) }, modelId, query.bots),
          readsOf(query.bots),
        );
    response.json(answer);
  },
});

function oneOfAllTime(deps: AllTimeDeps, modelId: string, bots: Bots): Promise<ModelStatsAnswer> {
  return ofAllTime(deps, bots, async () => {
    const stats = await modelStats(deps.db, modelId, bots);
    if (stats === undefined) throw unknownModel(modelId);
    return stats;
  });
}

function manyOfAllTime(deps: AllTimeDeps, ids: readonly string[], bots: Bots): Promise<ManyModelStats> {
  return ofAllTime(deps, bots, async () => inOrder(ids, await manyModelStats(deps.db, ids, bots)));
}

async function oneOfPeriod(
  deps: Deps,
  modelId: string,
  question: Question,
  unwanted: AbortSignal,
): Promise<StatsOfPeriodAnswer> {
  const asOf = deps.now();
  const filters = filtersOf(question);
  return deps.inPeriod(question, { now: asOf, unwanted }, async (ask, period) => {
    const statsIn = async (each: Period) => {
      const [stats] = await manyPeriodStats(ask, [modelId], { ...each, filters, bots: question.bots });
      if (stats === undefined) throw unknownModel(modelId);
      return stats;
    };
    const stats = await statsIn(period);
    const before = question.compare && (await statsIn(period.previous));
    return {
      ...stats,
      ...resolvedPeriod(period),
      ...(before && {
        previous: {
          ...resolvedPeriod(period.previous),
          totalViews: before.totalViews,
          uniqueViews: before.uniqueViews,
        },
      }),
      asOf: asOf.toISOString(),
    };
  });
}

function manyOfPeriod(
  { inPeriod, now }: Deps,
  ids: readonly string[],
  question: Question,
  unwanted: AbortSignal,
): Promise<ManyStatsOfPeriod> {
  const filters = filtersOf(question);
  const asOf = now();
  return inPeriod(question, { now: asOf, unwanted }, async (ask, period) => {
    const stats = await manyPeriodStats(ask, ids, { ...period, filters, bots: question.bots });
    return { ...inOrder(ids, stats), ...resolvedPeriod(period), asOf: asOf.toISOString() };
  });
}

/** Stats in the order of the ids, and the ids that have none. */
function inOrder<Stats extends { modelId: string }>(ids: readonly string[], stats: readonly Stats[]) {
  const byId = new Map(stats.map((each) => [each.modelId, each]));
  return {
    items: ids.map((id) => byId.get(id)).filter((each): each is Stats => each !== undefined),
    unknown: ids.filter((id) => !byId.has(id)),
  };
}
