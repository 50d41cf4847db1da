import type { Db } from "@model-views/db/connect.ts";
import { manyModelStats, modelStats } from "@model-views/db/stats/model-stats.ts";
import type { AskedPeriod } from "@model-views/db/stats/period.ts";
import { topModels } from "@model-views/db/stats/top-models.ts";
import { manyWindowStats, topInWindow } from "@model-views/db/stats/window-stats.ts";
import type {
  ManyStatsOfPeriod,
  StatsOfPeriod,
  StatsOfPeriodAnswer,
  TopInPeriodAnswer,
} from "@model-views/shared/period-stats.ts";
import type {
  Bots,
  ManyModelStats,
  ModelStats,
  ModelStatsAnswer,
  TopModelsAnswer,
} from "@model-views/shared/stats.ts";
import { Router } from "express";
import { sendCsv, wantsCsv } from "./csv.ts";
import { type InPeriod, told } from "./in-period.ts";
import { statsOperations } from "./operations/stats.ts";
import { parse } from "./parse.ts";
import { unknownModel } from "./request-schemas.ts";

const FIGURES = ["modelId", "totalViews", "uniqueViews", "lastViewedAt"] as const;
const RANKED = ["modelId", "name", "category", "totalViews", "uniqueViews", "lastViewedAt"] as const;

/** `GET /v1/models/:modelId/stats`, `/v1/models/stats?ids=`, `/v1/models/top`. */
export function statsRoutes({ db, inPeriod, now }: { db: Db; inPeriod: InPeriod; now: () => Date }): Router {
  const router = Router();

  router.get("/models/stats", async (request, response) => {
    const question = parse(statsOperations.many.query, request.query);
    const ids = [...new Set(question.ids)];
    const send = (answer: ManyModelStats | ManyStatsOfPeriod) =>
      wantsCsv(request, response, question)
        ? sendCsv(response, FIGURES, answer.items)
        : response.json(answer);
    if (asksForPeriod(question)) return void (await send(await manyInPeriod(ids, question)));
    const asOf = now().toISOString();
    const found = new Map(
      (await manyModelStats(db, ids, question.bots)).map((stats) => [stats.modelId, stats]),
    );
    const answer: ManyModelStats = {
      items: ids.map((id) => found.get(id)).filter((stats): stats is ModelStats => stats !== undefined),
      unknown: ids.filter((id) => !found.has(id)),
      asOf,
    };
    await send(answer);
  });

  router.get("/models/top", async (request, response) => {
    const question = parse(statsOperations.top.query, request.query);
    const asOf = now();
    const send = (answer: TopModelsAnswer | TopInPeriodAnswer) =>
      wantsCsv(request, response, question) ? sendCsv(response, RANKED, answer.items) : response.json(answer);
    if (asksForPeriod(question)) {
      const answer = await inPeriod(
        question,
        asOf,
        async (ask, period): Promise<TopInPeriodAnswer> => ({
          ...(await topInWindow(ask, { ...question, ...period })),
          ...told(period),
          asOf: asOf.toISOString(),
        }),
      );
      return void (await send(answer));
    }
    const answer: TopModelsAnswer = {
      items: await topModels(db, { ...question, now: asOf }),
      asOf: asOf.toISOString(),
    };
    await send(answer);
  });

  router.get("/models/:modelId/stats", async (request, response) => {
    const { modelId } = parse(statsOperations.model.params, request.params);
    const question = parse(statsOperations.model.query, request.query);
    if (asksForPeriod(question)) {
      const { items, unknown: _, ...more } = await manyInPeriod([modelId], question);
      const [stats] = items;
      if (stats === undefined) throw unknownModel(modelId);
      const answer: StatsOfPeriodAnswer = { ...stats, ...more };
      return void response.json(answer);
    }
    const { bots } = question;
    const asOf = now().toISOString();
    const stats = await modelStats(db, modelId, bots);
    if (stats === undefined) throw unknownModel(modelId);
    const answer: ModelStatsAnswer = { ...stats, asOf };
    response.json(answer);
  });

  return router;

  function manyInPeriod(ids: string[], question: AskedPeriod & { bots: Bots }): Promise<ManyStatsOfPeriod> {
    const asOf = now();
    return inPeriod(question, asOf, async (ask, period) => {
      const found = new Map(
        (await manyWindowStats(ask, ids, { ...period, bots: question.bots })).map((stats) => [
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
