import type { Accounting } from "@model-views/shared/contracts/accounting.ts";
import type {
  PipelineAnswer,
  PipelineProblem,
  ServiceStatus,
} from "@model-views/shared/contracts/pipeline.ts";

import { NO_REDIS } from "../http/of-redis.ts";

/** Seconds for which a view may wait: recording takes less than one, and a killed worker's views come back within ten. */
const WAITING_SECONDS_MAX = 30;
/** Part of Redis' memory that may be in use. */
const MEMORY_SHARE_MAX = 0.8;

const MORE = "docs/operations.md";

type Parts = Omit<PipelineAnswer, "problems" | "asOf">;

/** What is not as it should be, in words, and what to do about it. The most urgent first: what keeps views from being stored. */
export function problemsOf({
  queue,
  services,
  redis,
  stored,
  rejected,
  accounting,
}: Parts): PipelineProblem[] {
  return [
    ...("error" in queue ? [ofUnseenQueue(queue.error.detail)] : []),
    ...("error" in stored
      ? [
          found(
            "postgres",
            stored.error.detail,
            "Views wait on the queue meanwhile. See whether PostgreSQL runs, and its log.",
          ),
        ]
      : []),
    ...("data" in accounting ? ofAccounting(accounting.data) : []),
    ...("data" in services ? ofServices(services.data) : []),
    ...("data" in queue ? ofQueue(queue.data) : []),
    ...("data" in redis ? ofRedis(redis.data) : []),
    ...("data" in rejected ? ofRejected(rejected.data) : []),
    ...("data" in stored && stored.data.openDays > 0 ? [ofOpenDays(stored.data.openDays)] : []),
  ];
}

function ofUnseenQueue(detail: string): PipelineProblem {
  return detail === NO_REDIS
    ? found("stats-api", detail, "Give it the REDIS_URL of ingest and worker, to read from.")
    : found(
        "redis",
        detail,
        "Views wait in the spools of ingest meanwhile. See whether Redis runs, and its log.",
      );
}

function ofAccounting({ lost, surplus }: Accounting): PipelineProblem[] {
  return [
    ...((lost ?? 0) > 0
      ? [
          found(
            "accounting",
            `Views that left the queue and were not recorded: ${lost}`,
            `Keep Redis' and PostgreSQL's logs and files as they are. ${MORE}, "Accounting", says how to find out why.`,
          ),
        ]
      : []),
    ...((surplus ?? 0) > 0
      ? [
          found(
            "accounting",
            `Views that were recorded beyond those that were queued: ${surplus}`,
            `Expected after Redis was restored, or lost its last second: then npm run accounting -- write-off. ${MORE}, "Accounting".`,
          ),
        ]
      : []),
  ];
}

function ofServices(services: readonly ServiceStatus[]): PipelineProblem[] {
  const isThere = (name: ServiceStatus["service"]) => services.some(({ service }) => service === name);
  return [
    ...(isThere("worker")
      ? []
      : [
          found(
            "workers",
            "No worker has said how it is: none runs, or it is of an older version",
            "Start one: npm run worker. Views wait on the queue meanwhile, and none is lost.",
          ),
        ]),
    ...(isThere("ingest")
      ? []
      : [
          found(
            "ingest",
            "No ingest has said how it is: none runs, or it is of an older version",
            "Start one: npm run ingest.",
          ),
        ]),
    ...services.flatMap(({ service, id, isReady, problems, counts }) => [
      ...problems.map((text) =>
        found(
          service === "worker" && isReady ? "maintenance" : service,
          `${service} ${id}: ${text}`,
          isReady
            ? `It works. ${MORE} explains the warning.`
            : "Its log, and /readyz on its admin port, say more.",
        ),
      ),
      ...((counts["spooledBatches"] ?? 0) > 0
        ? [
            found(
              "waiting",
              `Batches in the spool of ${service} ${id}: ${counts["spooledBatches"]}`,
              "They are queued by themselves when Redis takes them. Do not delete its DATA_DIR.",
            ),
          ]
        : []),
    ]),
  ];
}

function ofQueue({
  isPaused,
  failedJobs,
  oldestWaitingSeconds,
}: Extract<Parts["queue"], { data: unknown }>["data"]): PipelineProblem[] {
  const seconds = Math.round(oldestWaitingSeconds ?? 0);
  return [
    ...(isPaused ? [found("queue", "The queue is paused", "Resume it with BullMQ's resume().")] : []),
    ...(seconds > WAITING_SECONDS_MAX
      ? [
          found(
            "waiting",
            `The oldest batch has waited for ${seconds} seconds`,
            "See whether workers are ready. With long queues, such as after an import, start more of them.",
          ),
        ]
      : []),
    ...(failedJobs > 0
      ? [
          found(
            "failed-jobs",
            `Batches that could not be read, and are kept: ${failedJobs}`,
            "npm run failed-jobs -- list shows why, and retry puts them back.",
          ),
        ]
      : []),
  ];
}

function ofRedis({
  usedBytes,
  maxBytes,
  warnings,
}: Extract<Parts["redis"], { data: unknown }>["data"]): PipelineProblem[] {
  const isFull =
    usedBytes !== null && maxBytes !== null && maxBytes > 0 && usedBytes > maxBytes * MEMORY_SHARE_MAX;
  return [
    ...(isFull
      ? [
          found(
            "waiting",
            "Redis has less than a fifth of its memory left",
            "Give it more memory, or start more workers.",
          ),
        ]
      : []),
    ...warnings.map((text) => found("maintenance", text, `${MORE} explains the warning.`)),
  ];
}

function ofRejected({ items }: Extract<Parts["rejected"], { data: unknown }>["data"]): PipelineProblem[] {
  return items
    .filter(({ reason }) => reason === "refused")
    .map(({ views }) =>
      found(
        "rejected",
        `Views that PostgreSQL has refused, and that are kept: ${views}`,
        "npm run redrive -- --reason refused stores them, once what refused them is put right.",
      ),
    );
}

function ofOpenDays(days: number): PipelineProblem {
  return found(
    "maintenance",
    days === 1 ? "A day that is over is not finalized" : `${days} days that are over are not finalized`,
    "Statistics stay exact, and are slower. The worker's log says what keeps its maintenance.",
  );
}

function found(part: PipelineProblem["part"], text: string, action: string): PipelineProblem {
  return { part, text, action };
}
