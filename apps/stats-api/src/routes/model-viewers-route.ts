import { getModel } from "@model-views/db/models/get-model.ts";
import type { Db } from "@model-views/db/postgres/connect.ts";
import { viewersOverTime } from "@model-views/db/stats/viewers-over-time.ts";
import {
  type ViewersOverTimeAnswer,
  viewersOverTimeAnswerSchema,
} from "@model-views/shared/contracts/viewers-over-time.ts";
import { Router } from "express";
import type { z } from "zod";
import type { Answers } from "../cache/answers.ts";
import { checkBuckets } from "../http/buckets.ts";
import { sendCsv, wantsCsv } from "../http/csv.ts";
import { type InPeriod, told } from "../http/in-period.ts";
import { parse } from "../http/parse.ts";
import { unknownModel } from "../http/request-schemas.ts";
import { periodOperations } from "../operations/periods.ts";

const COLUMNS = ["start", "newViewers", "returningViewers"] as const;

/** `GET /v1/models/:modelId/viewers`: new and returning viewers of one model over time. */
export function modelViewersRoute({
  db,
  answers,
  inPeriod,
  now,
}: {
  db: Db;
  answers: Answers;
  inPeriod: InPeriod;
  now: () => Date;
}): Router {
  const router = Router();
  router.get("/models/:modelId/viewers", async (request, response) => {
    const { modelId } = parse(periodOperations.modelViewers.params, request.params);
    const question = parse(periodOperations.modelViewers.query, request.query);
    const asked = { ...question, modelId };
    const answer = await answers.ofPeriod(
      response,
      ["model viewers", asked],
      viewersOverTimeAnswerSchema,
      () => answerViewers(asked),
    );
    if (wantsCsv(request, response, question)) return sendCsv(response, COLUMNS, answer.items, question);
    response.json(answer);
  });
  return router;

  async function answerViewers(
    question: z.infer<typeof periodOperations.modelViewers.query> & { modelId: string },
  ): Promise<ViewersOverTimeAnswer> {
    const { modelId, interval, tz } = question;
    const asOf = now();
    // On a connection of its own, so before one is taken for the question.
    if ((await getModel(db, modelId)) === undefined) throw unknownModel(modelId);
    return inPeriod(question, asOf, async (ask, period) => {
      checkBuckets(period, interval);
      const items = await viewersOverTime(ask, { ...question, ...period });
      return { modelId, interval, tz, ...told(period), items, asOf: asOf.toISOString() };
    });
  }
}
