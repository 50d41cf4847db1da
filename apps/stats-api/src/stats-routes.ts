import type { Db } from "@model-views/db/connect.ts";
import { manyModelStats, modelStats } from "@model-views/db/stats/model-stats.ts";
import { topModels } from "@model-views/db/stats/top-models.ts";
import {
  botsSchema,
  type ManyModelStats,
  type ModelStats,
  type ModelStatsAnswer,
  type TopModelsAnswer,
  topSortSchema,
} from "@model-views/shared/stats.ts";
import { modelIdSchema } from "@model-views/shared/views.ts";
import { Router } from "express";
import { z } from "zod";
import { formatShape, sendCsv, wantsCsv } from "./csv.ts";
import { parse } from "./parse.ts";
import { categoryQuery, limitQuery, modelParams, unknownModel } from "./request-schemas.ts";

/** Models in one question. */
const IDS_MAX = 200;

const bots = botsSchema.default("exclude");
const modelQuery = z.strictObject({ bots });
const idsQuery = z.strictObject({
  ...formatShape,
  bots,
  ids: z
    .string()
    .transform((list) => list.split(",").map((id) => id.trim()))
    .pipe(z.array(modelIdSchema).min(1).max(IDS_MAX)),
});
const topQuery = z.strictObject({
  ...formatShape,
  bots,
  limit: limitQuery({ max: 100, otherwise: 10 }),
  sort: topSortSchema.default("total"),
  category: categoryQuery,
});

const FIGURES = ["modelId", "totalViews", "uniqueViews", "lastViewedAt"] as const;
const RANKED = ["modelId", "name", "category", "totalViews", "uniqueViews", "lastViewedAt"] as const;

/** `GET /v1/models/:modelId/stats`, `/v1/models/stats?ids=`, `/v1/models/top`. */
export function statsRoutes({ db, now }: { db: Db; now: () => Date }): Router {
  const router = Router();

  router.get("/models/stats", async (request, response) => {
    const question = parse(idsQuery, request.query);
    const ids = [...new Set(question.ids)];
    const asOf = now().toISOString();
    const found = new Map(
      (await manyModelStats(db, ids, question.bots)).map((stats) => [stats.modelId, stats]),
    );
    const answer: ManyModelStats = {
      items: ids.map((id) => found.get(id)).filter((stats): stats is ModelStats => stats !== undefined),
      unknown: ids.filter((id) => !found.has(id)),
      asOf,
    };
    if (wantsCsv(request, response, question)) return sendCsv(response, FIGURES, answer.items);
    response.json(answer);
  });

  router.get("/models/top", async (request, response) => {
    const question = parse(topQuery, request.query);
    const asOf = now();
    const answer: TopModelsAnswer = {
      items: await topModels(db, { ...question, now: asOf }),
      asOf: asOf.toISOString(),
    };
    if (wantsCsv(request, response, question)) return sendCsv(response, RANKED, answer.items);
    response.json(answer);
  });

  router.get("/models/:modelId/stats", async (request, response) => {
    const { modelId } = parse(modelParams, request.params);
    const { bots } = parse(modelQuery, request.query);
    const asOf = now().toISOString();
    const stats = await modelStats(db, modelId, bots);
    if (stats === undefined) throw unknownModel(modelId);
    const answer: ModelStatsAnswer = { ...stats, asOf };
    response.json(answer);
  });

  return router;
}
