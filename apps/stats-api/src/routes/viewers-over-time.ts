import { cancelledBy } from "@model-views/db/postgres/connect.ts";
import { viewersOverTime } from "@model-views/db/stats/viewers-over-time.ts";
import { botsSchema } from "@model-views/shared/contracts/stats.ts";
import { BUCKETS_MAX, intervalSchema } from "@model-views/shared/contracts/timeseries.ts";
import {
  type ViewersOverTimeAnswer,
  viewersBucketSchema,
  viewersOverTimeAnswerSchema,
} from "@model-views/shared/contracts/viewers-over-time.ts";
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
type Question = z.infer<typeof viewersQuery> & { modelId: string };

export const viewersOverTimeRoute = defineRoute({
  id: "getModelViewers",
  method: "get",
  path: "/v1/models/:modelId/viewers",
  summary: "New and returning viewers of a model over time",
  description: `Their sum is the \`uniqueViews\` of the same bucket of the model's time series. A viewer who comes back after retention or an erasure has removed them is new. Every bucket of the period, also an empty one; ${BUCKETS_MAX} at most. Of the last ${DAYS_BEFORE} days by default.`,
  access: "read",
  params: modelParams,
  query: viewersQuery,
  answers: {
    200: {
      description: "Buckets by time",
      json: { ViewersOverTime: viewersOverTimeAnswerSchema },
      nested: { ViewersBucket: viewersBucketSchema },
      csv: true,
      headers: ["ETag", "Age"],
    },
  },
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
  async handle({ params, query, request, response }, deps: Deps) {
    const question = { ...query, ...params };
    const answer = await deps.answers.ofPeriod(
      response,
      ["model viewers", question],
      viewersOverTimeAnswerSchema,
      (unwanted) => answerViewers(deps, question, unwanted),
    );
    await sendList({ request, response, query }, answer, COLUMNS);
  },
});

async function answerViewers(
  { db, inPeriod, now }: Deps,
  question: Question,
  unwanted: AbortSignal,
): Promise<ViewersOverTimeAnswer> {
  const { modelId, interval, tz } = question;
  const asOf = now();
  await checkModel(cancelledBy(db, unwanted), modelId);
  return inPeriod(question, { now: asOf, unwanted }, async (ask, period) => {
    checkBuckets(period, interval);
    const items = await viewersOverTime(ask, { ...question, ...period });
    return { modelId, interval, tz, ...resolvedPeriod(period), items, asOf: asOf.toISOString() };
  });
}
