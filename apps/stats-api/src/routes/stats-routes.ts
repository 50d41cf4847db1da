import type { Db } from "@model-views/db/postgres/connect.ts";
import { areViewsRemoved } from "@model-views/db/rollups/retired-months.ts";
import { manyModelStats, modelStats } from "@model-views/db/stats/model-stats.ts";
import { manyPeriodStats, topInPeriod } from "@model-views/db/stats/period-stats.ts";
import type { AskedPeriod } from "@model-views/db/stats/resolve-period.ts";
import { topModels } from "@model-views/db/stats/top-models.ts";
import {
  type ManyStatsOfPeriod,
  manyStatsOfPeriodSchema,
  type StatsOfPeriod,
  type StatsOfPeriodAnswer,
  statsOfPeriodAnswerSchema,
  type TopInPeriodAnswer,
  topInPeriodAnswerSchema,
} from "@model-views/shared/contracts/period-stats.ts";
import type {
  Bots,
  ManyModelStats,
  ModelStats,
  ModelStatsAnswer,
  TopModelsAnswer,
} from "@model-views/shared/contracts/stats.ts";
import { Router } from "express";
import type { z } from "zod";
import type { Answers } from "../cache/answers.ts";
import type { ConcurrencyLimit } from "../cache/concurrency-limit.ts";
import { sendCsv, tellIncomplete, wantsCsv } from "../http/csv.ts";
import { type InPeriod, told } from "../http/in-period.ts";
import { parse } from "../http/parse.ts";
import { unknownModel } from "../http/request-schemas.ts";
import { statsOperations } from "../operations/stats.ts";

const FIGURES = ["modelId", "totalViews", "uniqueViews", "lastViewedAt"] as const;
const RANKED = ["modelId", "name", "category", "totalViews", "uniqueViews", "lastViewedAt"] as const;

type TopQuestion = z.infer<typeof statsOperations.top.query>;

export type StatsRoutesDeps = {
  db: Db;
  answers: Answers;
  inPeriod: InPeriod;
  limitConcurrency: ConcurrencyLimit;
  now: () => Date;
};

/** `GET /v1/models/:modelId/stats`, `/v1/models/stats?ids=`, `/v1/models/top`. */
export function statsRoutes({ db, answers, inPeriod, limitConcurrency, now }: StatsRoutesDeps): Router {
  const router = Router();

  router.get("/models/stats", async (request, response) => {
    const question = parse(statsOperations.many.query, request.query);
    const ids = [...new Set(question.ids)];
    const asked = ["stats of many", { ...question, ids }] as const;
    const answer = asksForPeriod(question)
      ? await answers.ofPeriod(response, asked, manyStatsOfPeriodSchema, () => manyInPeriod(ids, question))
      : await answers.ofNow(asked, () => many(ids, question.bots));
    if (!wantsCsv(request, response, question)) return void response.json(answer);
    tellIncomplete(response, answer);
    await sendCsv(response, FIGURES, answer.items, question);
  });

  router.get("/models/top", async (request, response) => {
    const question = parse(statsOperations.top.query, request.query);
    const asked = ["top", question] as const;
    const answer = asksForPeriod(question)
      ? await answers.ofPeriod(response, asked, topInPeriodAnswerSchema, () => answerTopInPeriod(question))
      : await answers.ofNow(asked, () => top(question));
    if (!wantsCsv(request, response, question)) return void response.json(answer);
    tellIncomplete(response, answer);
    await sendCsv(response, RANKED, answer.items, question);
  });

  router.get("/models/:modelId/stats", async (request, response) => {
    const { modelId } = parse(statsOperations.model.params, request.params);
    const question = parse(statsOperations.model.query, request.query);
    const asked = ["stats", { ...question, modelId }] as const;
    const answer = asksForPeriod(question)
      ? await answers.ofPeriod(response, asked, statsOfPeriodAnswerSchema, () =>
          oneInPeriod(modelId, question),
        )
      : await answers.ofNow(asked, () => one(modelId, question.bots));
    response.json(answer);
  });

  return router;

  /** Bots are in no rollup: with them it is the views that are read. */
  function inTurn<Result>(bots: Bots, work: () => Promise<Result>): Promise<Result> {
    return bots === "exclude" ? work() : limitConcurrency(work);
  }

  /** What retention has removed of bots is in no figure of all time, and that is told. */
  async function incompleteness(bots: Bots): Promise<{ isIncomplete?: boolean }> {
    return bots === "exclude" ? {} : { isIncomplete: await areViewsRemoved(db) };
  }

  async function one(modelId: string, bots: Bots): Promise<ModelStatsAnswer> {
    const asOf = now().toISOString();
    const stats = await inTurn(bots, () => modelStats(db, modelId, bots));
    if (stats === undefined) throw unknownModel(modelId);
    return { ...stats, ...(await incompleteness(bots)), asOf };
  }

  async function many(ids: string[], bots: Bots): Promise<ManyModelStats> {
    const asOf = now().toISOString();
    const stats = await inTurn(bots, () => manyModelStats(db, ids, bots));
    const found = new Map(stats.map((each) => [each.modelId, each]));
    return {
      items: ids.map((id) => found.get(id)).filter((each): each is ModelStats => each !== undefined),
      unknown: ids.filter((id) => !found.has(id)),
      ...(await incompleteness(bots)),
      asOf,
    };
  }

  async function top(question: TopQuestion): Promise<TopModelsAnswer> {
    const asOf = now();
    const items = await inTurn(question.bots, () => topModels(db, { ...question, now: asOf }));
    return { items, ...(await incompleteness(question.bots)), asOf: asOf.toISOString() };
  }

  function answerTopInPeriod(question: TopQuestion): Promise<TopInPeriodAnswer> {
    const asOf = now();
    return inPeriod(question, asOf, async (ask, period) => ({
      ...(await topInPeriod(ask, { ...question, ...period })),
      ...told(period),
      asOf: asOf.toISOString(),
    }));
  }

  async function oneInPeriod(
    modelId: string,
    question: AskedPeriod & { bots: Bots },
  ): Promise<StatsOfPeriodAnswer> {
    const { items, unknown: _, ...more } = await manyInPeriod([modelId], question);
    const [stats] = items;
    if (stats === undefined) throw unknownModel(modelId);
    return { ...stats, ...more };
  }

  function manyInPeriod(ids: string[], question: AskedPeriod & { bots: Bots }): Promise<ManyStatsOfPeriod> {
    const asOf = now();
    return inPeriod(question, asOf, async (ask, period) => {
      const found = new Map(
        (await manyPeriodStats(ask, ids, { ...period, bots: question.bots })).map((stats) => [
          stats.modelId,
          stats,
        ]),
      );
      return {
        items: ids.map((id) => found.get(id)).filter((stats): stats is StatsOfPeriod => stats !== undefined),
        unknown: ids.filter((id) => !found.has(id)),
        ...told(period),
        asOf: asOf.toISOString(),
      };
    });
  }
}

/** With neither end it is the question of all time, which the rollups answer. */
function asksForPeriod({ from, to }: { from?: string | undefined; to?: string | undefined }): boolean {
  return from !== undefined || to !== undefined;
}
