import { accounting } from "@model-views/db/pipeline/accounting.ts";
import { rejectedCounts } from "@model-views/db/pipeline/rejected-counts.ts";
import { storedViews } from "@model-views/db/pipeline/stored-views.ts";
import { asking } from "@model-views/db/postgres/sql.ts";
import { accountingSchema } from "@model-views/shared/contracts/accounting.ts";
import {
  type PipelineAnswer,
  pipelineAnswerSchema,
  pipelineProblemSchema,
  queueStatusSchema,
  serviceStatusSchema,
} from "@model-views/shared/contracts/pipeline.ts";
import { readAccounts } from "@model-views/shared/queue/accounts.ts";
import { queueStatus } from "@model-views/shared/queue/queue-status.ts";
import { watchRedis } from "@model-views/shared/queue/redis-info.ts";
import { readStatuses } from "@model-views/shared/queue/service-status.ts";
import type { Redis } from "ioredis";
import { ofRedis } from "../http/of-redis.ts";
import { noQuery } from "../http/parameters.ts";
import { askParts } from "../http/parts.ts";
import { defineRoute } from "../http/route.ts";
import { withoutReasons } from "../http/without-reasons.ts";
import type { RouteDeps } from "./deps.ts";
import { PIPELINE_EXAMPLE } from "./pipeline-example.ts";
import { problemsOf } from "./pipeline-problems.ts";

type Deps = Pick<RouteDeps, "adminDb" | "queueRedis" | "onPartFailed" | "now">;

export const pipelineRoute = defineRoute({
  id: "getPipeline",
  method: "get",
  path: "/v1/pipeline",
  summary: "How the system is: from accepting views to storing them",
  description:
    "For operators, and for readers who want to know whether everything is counted. Each part has `data`, or an `error` when it cannot be seen now. `problems` says in words what is not as it should be, and what to do; why a process is not ready, admins alone see. Without `REDIS_URL`, the stats API sees neither the queue nor the other services.",
  access: "read",
  query: noQuery,
  answers: {
    200: {
      description: "The parts",
      json: { Pipeline: pipelineAnswerSchema },
      nested: {
        Accounting: accountingSchema,
        PipelineProblem: pipelineProblemSchema,
        QueueStatus: queueStatusSchema,
        ServiceStatus: serviceStatusSchema,
      },
      headers: ["ETag"],
    },
  },
  examples: {
    troubled: { summary: "Without ingest and workers", status: 200, answer: PIPELINE_EXAMPLE },
  },
  async handle({ request, response }, { pipeline, reader }: Pick<RouteDeps, "pipeline" | "reader">) {
    const answer = await pipeline();
    response
      .set("Cache-Control", "no-store")
      .json(reader(request).mayChange ? answer : forOtherReaders(answer));
  },
});

function forOtherReaders({ problems: _, asOf, ...parts }: PipelineAnswer): PipelineAnswer {
  const shown = { ...parts, services: withoutReasons(parts.services) };
  return { ...shown, problems: problemsOf(shown), asOf };
}

/** Looks at everything. Many readers ask often, so the app shares an answer for a moment. */
export async function answerPipeline({
  adminDb,
  queueRedis,
  onPartFailed,
  now,
}: Deps): Promise<PipelineAnswer> {
  const asOf = now();
  // The role that asks for statistics may not read what was rejected.
  const ask = asking(adminDb.$client);
  const parts = await askParts(
    {
      queue: () => ofRedis(queueRedis, (redis) => queueStatus(redis, asOf)),
      services: () => ofRedis(queueRedis, readStatuses),
      redis: () => ofRedis(queueRedis, redisStatus),
      stored: async () => {
        const { lastViewedAt, ...stored } = await storedViews(ask, asOf);
        return { ...stored, lastViewedAt: lastViewedAt?.toISOString() ?? null };
      },
      accounting: () => ofRedis(queueRedis, (redis) => accounting(ask, () => readAccounts(redis))),
      rejected: async () => {
        const { items, unkeptViews } = await rejectedCounts(ask);
        return {
          items: items.map((item) => ({ ...item, newestAt: item.newestAt.toISOString() })),
          unkeptViews,
        };
      },
    },
    onPartFailed,
  );
  return { ...parts, problems: problemsOf(parts), asOf: asOf.toISOString() };
}

async function redisStatus(redis: Redis) {
  const watch = watchRedis(redis, () => {});
  const { usedBytes, maxBytes, evictionPolicy, hasAof } = await watch.look();
  return {
    usedBytes: usedBytes ?? null,
    maxBytes: maxBytes ?? null,
    evictionPolicy: evictionPolicy ?? null,
    hasAof: hasAof ?? null,
    warnings: watch.warnings(),
  };
}
