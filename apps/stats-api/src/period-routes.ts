import type { Db } from "@model-views/db/connect.ts";
import { getModel } from "@model-views/db/models/get-model.ts";
import { breakdown } from "@model-views/db/stats/breakdown.ts";
import { timeseries } from "@model-views/db/stats/timeseries.ts";
import type { BreakdownAnswer } from "@model-views/shared/breakdown.ts";
import type { Period } from "@model-views/shared/period.ts";
import { BUCKETS_MAX, type Interval, type TimeseriesAnswer } from "@model-views/shared/timeseries.ts";
import { type Request, type Response, Router } from "express";
import type { z } from "zod";
import { sendCsv, wantsCsv } from "./csv.ts";
import { type InPeriod, told } from "./in-period.ts";
import { periodOperations } from "./operations/periods.ts";
import { parse } from "./parse.ts";
import { wrong } from "./period-query.ts";
import { unknownModel } from "./request-schemas.ts";

const HOUR_MS = 3_600_000;
/** How long buckets are, about. */
const BUCKET_MS: Record<Interval, number> = {
  hour: HOUR_MS,
  day: 24 * HOUR_MS,
  week: 7 * 24 * HOUR_MS,
  month: 30 * 24 * HOUR_MS,
};

/** `GET /v1/models/:modelId/timeseries`, `/v1/timeseries`, `/v1/breakdown`: questions about a period. */
export function periodRoutes({ db, inPeriod, now }: { db: Db; inPeriod: InPeriod; now: () => Date }): Router {
  const router = Router();

  router.get("/models/:modelId/timeseries", async (request, response) => {
    const { modelId } = parse(periodOperations.modelTimeseries.params, request.params);
    await sendTimeseries(request, response, modelId);
  });

  router.get("/timeseries", async (request, response) => {
    await sendTimeseries(request, response);
  });

  router.get("/breakdown", async (request, response) => {
    const question = parse(periodOperations.breakdown.query, request.query);
    const { by, modelId, tz } = question;
    const asOf = now();
    await checkModel(modelId);
    const answer = await inPeriod(question, asOf, async (ask, period): Promise<BreakdownAnswer> => {
      const found = await breakdown(ask, { ...question, ...period });
      return {
        by,
        ...(modelId === undefined ? {} : { modelId }),
        tz,
        ...told(period),
        ...found,
        asOf: asOf.toISOString(),
      };
    });
    if (wantsCsv(request, response, question)) {
      return sendCsv(response, ["value", "views", "uniqueViews", "share"], answer.items);
    }
    response.json(answer);
  });

  return router;

  async function sendTimeseries(request: Request, response: Response, modelId?: string): Promise<void> {
    const question = parse(periodOperations.timeseries.query, request.query);
    const answer = await answerTimeseries(question, modelId);
    if (!wantsCsv(request, response, question)) return void response.json(answer);
    // One row a bucket, the period before first: by its start it is told apart.
    const rows = [...(answer.previous?.items ?? []), ...answer.items];
    await sendCsv(response, ["start", "views", "uniqueViews"], rows);
  }

  async function answerTimeseries(
    question: z.infer<typeof periodOperations.timeseries.query>,
    modelId?: string,
  ): Promise<TimeseriesAnswer> {
    const { interval, tz, compare } = question;
    const asOf = now();
    await checkModel(modelId);
    return inPeriod(question, asOf, async (ask, period) => {
      const lengthMs = period.to.getTime() - period.from.getTime();
      if (lengthMs / BUCKET_MS[interval] > BUCKETS_MAX) {
        throw wrong("interval", `makes more than ${BUCKETS_MAX} buckets of this period`);
      }
      const previous = { from: period.previousFrom, to: period.from };
      const ofPeriod = (each: Period) =>
        timeseries(ask, { ...each, modelId, interval, tz, bots: question.bots });
      return {
        ...(modelId === undefined ? {} : { modelId }),
        interval,
        tz,
        ...told(period),
        items: await ofPeriod(period),
        ...(compare === undefined
          ? {}
          : { previous: { ...told(previous), items: await ofPeriod(previous) } }),
        asOf: asOf.toISOString(),
      };
    });
  }

  /** On a connection of its own, so before one is taken for the question. */
  async function checkModel(modelId: string | undefined): Promise<void> {
    if (modelId !== undefined && (await getModel(db, modelId)) === undefined) throw unknownModel(modelId);
  }
}
