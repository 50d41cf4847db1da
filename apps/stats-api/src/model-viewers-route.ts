import type { Db } from "@model-views/db/connect.ts";
import { getModel } from "@model-views/db/models/get-model.ts";
import { viewersOverTime } from "@model-views/db/stats/viewers-over-time.ts";
import { botsSchema } from "@model-views/shared/stats.ts";
import { intervalSchema } from "@model-views/shared/timeseries.ts";
import type { ViewersOverTimeAnswer } from "@model-views/shared/viewers-over-time.ts";
import { Router } from "express";
import { z } from "zod";
import { checkBuckets } from "./buckets.ts";
import { formatShape, sendCsv, wantsCsv } from "./csv.ts";
import { type InPeriod, told } from "./in-period.ts";
import { parse } from "./parse.ts";
import { periodShape } from "./period-query.ts";
import { modelParams, unknownModel } from "./request-schemas.ts";

const viewersQuery = z.strictObject({
  ...periodShape,
  ...formatShape,
  bots: botsSchema.default("exclude"),
  interval: intervalSchema.default("day"),
});

const COLUMNS = ["start", "newViewers", "returningViewers"] as const;

/** `GET /v1/models/:modelId/viewers`: new and returning viewers of one model over time. */
export function modelViewersRoute({
  db,
  inPeriod,
  now,
}: {
  db: Db;
  inPeriod: InPeriod;
  now: () => Date;
}): Router {
  const router = Router();
  router.get("/models/:modelId/viewers", async (request, response) => {
    const { modelId } = parse(modelParams, request.params);
    const question = parse(viewersQuery, request.query);
    const { interval, tz, bots } = question;
    const asOf = now();
    // On a connection of its own, so before one is taken for the question.
    if ((await getModel(db, modelId)) === undefined) throw unknownModel(modelId);
    const answer = await inPeriod(question, asOf, async (ask, period): Promise<ViewersOverTimeAnswer> => {
      checkBuckets(period, interval);
      const items = await viewersOverTime(ask, { ...period, modelId, interval, tz, bots });
      return { modelId, interval, tz, ...told(period), items, asOf: asOf.toISOString() };
    });
    if (wantsCsv(request, response, question)) return sendCsv(response, COLUMNS, answer.items);
    response.json(answer);
  });
  return router;
}
