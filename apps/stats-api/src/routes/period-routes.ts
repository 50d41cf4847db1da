import { getModel } from "@model-views/db/models/get-model.ts";
import type { Db } from "@model-views/db/postgres/connect.ts";
import { breakdown } from "@model-views/db/stats/breakdown.ts";
import { timeseries } from "@model-views/db/stats/timeseries.ts";
import { type BreakdownAnswer, breakdownAnswerSchema } from "@model-views/shared/contracts/breakdown.ts";
import type { Period } from "@model-views/shared/contracts/period.ts";
import { type TimeseriesAnswer, timeseriesAnswerSchema } from "@model-views/shared/contracts/timeseries.ts";
import { type Request, type Response, Router } from "express";
import type { z } from "zod";
import type { Answers } from "../cache/answers.ts";
import { checkBuckets } from "../http/buckets.ts";
import { sendCsv, tellIncomplete, wantsCsv } from "../http/csv.ts";
import { type InPeriod, told } from "../http/in-period.ts";
import { parse } from "../http/parse.ts";
import { unknownModel } from "../http/request-schemas.ts";
import { periodOperations } from "../operations/periods.ts";

export type PeriodRoutesDeps = { db: Db; answers: Answers; inPeriod: InPeriod; now: () => Date };
type BreakdownQuestion = z.infer<typeof periodOperations.breakdown.query>;
type TimeseriesQuestion = z.infer<typeof periodOperations.timeseries.query>;

/** `GET /v1/models/:modelId/timeseries`, `/v1/timeseries`, `/v1/breakdown`: questions about a period. */
export function periodRoutes({ db, answers, inPeriod, now }: PeriodRoutesDeps): Router {
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
    const answer = await answers.ofPeriod(response, ["breakdown", question], breakdownAnswerSchema, () =>
      answerBreakdown(question),
    );
    if (wantsCsv(request, response, question)) {
      tellIncomplete(response, answer);
      return sendCsv(response, ["value", "views", "uniqueViews", "share"], answer.items, question);
    }
    response.json(answer);
  });

  return router;

  async function sendTimeseries(request: Request, response: Response, modelId?: string): Promise<void> {
    const question = parse(periodOperations.timeseries.query, request.query);
    const asked = { ...question, modelId };
    const answer = await answers.ofPeriod(response, ["timeseries", asked], timeseriesAnswerSchema, () =>
      answerTimeseries(question, modelId),
    );
    if (!wantsCsv(request, response, question)) return void response.json(answer);
    const columns = ["start", "views", "uniqueViews"] as const;
    if (answer.previous === undefined) return sendCsv(response, columns, answer.items, question);
    // One row a bucket, the period before first. Both may have a part of the same bucket.
    const rows = [
      ...answer.previous.items.map((bucket) => ({ period: "previous", ...bucket })),
      ...answer.items.map((bucket) => ({ period: "asked", ...bucket })),
    ];
    await sendCsv(response, ["period", ...columns], rows, question);
  }

  async function answerBreakdown(question: BreakdownQuestion): Promise<BreakdownAnswer> {
    const { by, modelId, tz } = question;
    const asOf = now();
    await checkModel(modelId);
    return inPeriod(question, asOf, async (ask, period) => {
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
  }

  async function answerTimeseries(question: TimeseriesQuestion, modelId?: string): Promise<TimeseriesAnswer> {
    const { interval, tz, compare } = question;
    const asOf = now();
    await checkModel(modelId);
    return inPeriod(question, asOf, async (ask, period) => {
      checkBuckets(period, interval);
      const previous = { from: period.previousFrom, to: period.from };
      const ofPeriod = (each: Period) =>
        timeseries(ask, { ...each, modelId, interval, tz: period.tz, bots: question.bots });
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
