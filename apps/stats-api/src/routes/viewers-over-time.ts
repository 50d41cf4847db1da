import { cancelledBy } from "@model-views/db/postgres/connect.ts";
import { siteViewersOverTime } from "@model-views/db/stats/site-viewers-over-time.ts";
import { viewersOverTime } from "@model-views/db/stats/viewers-over-time.ts";
import { botsSchema } from "@model-views/shared/contracts/stats.ts";
import { BUCKETS_MAX, intervalSchema } from "@model-views/shared/contracts/timeseries.ts";
import {
  type ViewersOverTimeAnswer,
  viewersBucketSchema,
  viewersOverTimeAnswerSchema,
} from "@model-views/shared/contracts/viewers-over-time.ts";
import type { Request, Response } from "express";
import { z } from "zod";
import { formatShape, sendList } from "../http/csv.ts";
import { checkModel } from "../http/in-period.ts";
import { modelParams } from "../http/parameters.ts";
import { checkBuckets, DAYS_BEFORE, periodShape, resolvedPeriod } from "../http/periods.ts";
import { defineRoute } from "../http/route.ts";
import type { RouteDeps } from "./deps.ts";
import {
  ANNA,
  AS_OF,
  csv,
  THREE_DAYS,
  THREE_DAYS_RESOLVED,
  UNKNOWN_ID,
  UNKNOWN_MODEL,
} from "./example-data.ts";

const COLUMNS = ["start", "newViewers", "returningViewers"] as const;

const viewersQuery = z.strictObject({
  ...periodShape,
  ...formatShape,
  bots: botsSchema.default("exclude"),
  interval: intervalSchema.default("day"),
});

type Deps = Pick<RouteDeps, "db" | "answers" | "inPeriod" | "now">;
type Question = z.infer<typeof viewersQuery> & { modelId?: string };

const answers = {
  200: {
    description: "Buckets by time",
    json: { ViewersOverTime: viewersOverTimeAnswerSchema },
    nested: { ViewersBucket: viewersBucketSchema },
    csv: true,
    headers: ["ETag", "Age"],
  },
} as const;

const buckets = `Every bucket of the period, also an empty one; ${BUCKETS_MAX} at most. Of the last ${DAYS_BEFORE} days by default.`;

export const modelViewersRoute = defineRoute({
  id: "getModelViewers",
  method: "get",
  path: "/v1/models/:modelId/viewers",
  summary: "New and returning viewers of a model over time",
  description: `Their sum is the \`uniqueViews\` of the same bucket of the model's time series. A viewer who comes back after retention or an erasure has removed them is new. ${buckets}`,
  access: "read",
  params: modelParams,
  query: viewersQuery,
  answers,
  problems: [404],
  examples: {
    days: {
      summary: "Three days",
      params: { modelId: ANNA },
      query: THREE_DAYS,
      status: 200,
      answer: {
        modelId: ANNA,
        interval: "day",
        ...THREE_DAYS_RESOLVED,
        items: [
          { start: "2026-11-20T00:00:00.000Z", newViewers: 1, returningViewers: 0 },
          { start: "2026-11-21T00:00:00.000Z", newViewers: 0, returningViewers: 1 },
          { start: "2026-11-22T00:00:00.000Z", newViewers: 1, returningViewers: 0 },
        ],
        asOf: AS_OF,
      },
    },
    asCsv: {
      summary: "A week as CSV",
      params: { modelId: ANNA },
      query: { from: "2026-11-16", to: "2026-11-23", interval: "week", format: "csv" },
      status: 200,
      answer: csv("start,newViewers,returningViewers", "2026-11-16T00:00:00.000Z,2,0"),
    },
    unknown: { ...UNKNOWN_MODEL, params: { modelId: UNKNOWN_ID } },
  },
  handle: ({ params, query, request, response }, deps: Deps) =>
    sendViewers({ request, response }, deps, { ...query, ...params }),
});

export const siteViewersRoute = defineRoute({
  id: "getViewers",
  method: "get",
  path: "/v1/viewers",
  summary: "New and returning viewers of the whole site over time",
  description: `A viewer is new in the bucket of the first view of any model. Their sum is the \`uniqueViews\` of the same bucket of the site's time series. A viewer who comes back after retention has pruned them from every model, or after an erasure, is new. ${buckets}`,
  access: "read",
  query: viewersQuery,
  answers,
  examples: {
    days: {
      summary: "Three days",
      query: THREE_DAYS,
      status: 200,
      answer: {
        interval: "day",
        ...THREE_DAYS_RESOLVED,
        items: [
          { start: "2026-11-20T00:00:00.000Z", newViewers: 1, returningViewers: 0 },
          { start: "2026-11-21T00:00:00.000Z", newViewers: 0, returningViewers: 1 },
          { start: "2026-11-22T00:00:00.000Z", newViewers: 2, returningViewers: 0 },
        ],
        asOf: AS_OF,
      },
    },
    asCsv: {
      summary: "A day with bots as CSV",
      query: { from: "2026-11-22", to: "2026-11-23", bots: "include", format: "csv" },
      status: 200,
      answer: csv("start,newViewers,returningViewers", "2026-11-22T00:00:00.000Z,3,0"),
    },
  },
  handle: ({ query, request, response }, deps: Deps) => sendViewers({ request, response }, deps, query),
});

async function sendViewers(
  { request, response }: { request: Request; response: Response<ViewersOverTimeAnswer> },
  deps: Deps,
  question: Question,
): Promise<void> {
  const answer = await deps.answers.ofPeriod(
    response,
    ["viewers", question],
    viewersOverTimeAnswerSchema,
    (unwanted) => answerViewers(deps, question, unwanted),
  );
  await sendList({ request, response, query: question }, answer, COLUMNS);
}

async function answerViewers(
  { db, inPeriod, now }: Deps,
  question: Question,
  unwanted: AbortSignal,
): Promise<ViewersOverTimeAnswer> {
  const { modelId, interval, tz } = question;
  const asOf = now();
  if (modelId !== undefined) await checkModel(cancelledBy(db, unwanted), modelId);
  return inPeriod(question, { now: asOf, unwanted }, async (ask, period) => {
    checkBuckets(period, interval);
    const ofPeriod = { ...question, ...period };
    return {
      ...(modelId === undefined ? {} : { modelId }),
      interval,
      tz,
      ...resolvedPeriod(period),
      items:
        modelId === undefined
          ? await siteViewersOverTime(ask, ofPeriod)
          : await viewersOverTime(ask, { ...ofPeriod, modelId }),
      asOf: asOf.toISOString(),
    };
  });
}
