import type {
  PipelineAnswer,
  PipelineProblem,
  ServiceStatus,
} from "@model-views/shared/contracts/pipeline.ts";
import { problem } from "@model-views/shared/contracts/problems.ts";
import { describe, expect, test } from "vitest";
import { NO_REDIS } from "../src/http/of-redis.ts";
import { PIPELINE_EXAMPLE } from "../src/routes/pipeline-example.ts";
import { problemsOf } from "../src/routes/pipeline-problems.ts";

type Parts = Parameters<typeof problemsOf>[0];
type DataOf<Name extends keyof Parts> = Extract<PipelineAnswer[Name], { data: unknown }>["data"];

const aService = (service: ServiceStatus["service"], status: Partial<ServiceStatus> = {}): ServiceStatus => ({
  service,
  id: "host:1",
  version: "1.0.0",
  startedAt: "2026-11-22T11:00:00.000Z",
  seenAt: "2026-11-22T12:00:00.000Z",
  isReady: true,
  problems: [],
  counts: {},
  settings: {},
  ...status,
});

const queue = (data: Partial<DataOf<"queue">>): Partial<Parts> => ({
  queue: {
    data: {
      waitingJobs: 0,
      activeJobs: 0,
      failedJobs: 0,
      waitingViews: 0,
      oldestWaitingSeconds: null,
      isPaused: false,
      ...data,
    },
  },
});
const redis = (data: Partial<DataOf<"redis">>): Partial<Parts> => ({
  redis: {
    data: { usedBytes: 1, maxBytes: 100, evictionPolicy: "noeviction", hasAof: true, warnings: [], ...data },
  },
});
const stored = (openDays: number): Partial<Parts> => ({
  stored: {
    data: { viewsOfLastMinute: 0, lastViewedAt: null, openDays, databaseBytes: 1, postgresVersion: "18" },
  },
});
const rejected = (reason: string): Partial<Parts> => ({
  rejected: { data: { items: [{ reason, views: 3, newestAt: "2026-11-22T12:00:00.000Z" }], unkeptViews: 9 } },
});
const accounting = (data: Partial<DataOf<"accounting">>): Partial<Parts> => ({
  accounting: { data: { ...PIPELINE_EXAMPLE.accounting.data, ...data } },
});
const services = (...data: ServiceStatus[]): Partial<Parts> => ({ services: { data } });
const away = (detail: string) => ({ error: problem("unavailable", 503, detail) });

const WELL = {
  ...queue({}),
  ...redis({}),
  ...stored(0),
  ...accounting({}),
  services: { data: [aService("ingest"), aService("worker")] },
  rejected: { data: { items: [], unkeptViews: 0 } },
} as Parts;
const problemsWith = (parts: Partial<Parts>) => problemsOf({ ...WELL, ...parts });

describe("a pipeline has no problem", () => {
  const cases: [what: string, parts: Partial<Parts>][] = [
    ["when all is well", {}],
    ["while a batch waits for half a minute", queue({ waitingJobs: 1, oldestWaitingSeconds: 30 })],
    ["with four fifths of Redis' memory in use", redis({ usedBytes: 80 })],
    ["where Redis has no limit of memory", redis({ usedBytes: 80, maxBytes: 0 })],
    ["where Redis' memory is not known", redis({ usedBytes: null, maxBytes: null })],
    ["with views of models that do not exist yet", rejected("unknown_model")],
    ["while more batches wait than are looked into", accounting({ lost: null, surplus: null })],
    [
      "with an empty spool",
      services(aService("ingest", { counts: { spooledBatches: 0 } }), aService("worker")),
    ],
  ];
  test.each(cases)("%s", (_, parts) => {
    expect(problemsWith(parts)).toEqual([]);
  });
});

describe("a pipeline has one problem", () => {
  const [ingest, worker] = [aService("ingest"), aService("worker")];
  const cases: [what: string, parts: Partial<Parts>, part: PipelineProblem["part"], text: RegExp][] = [
    [
      "without Redis",
      { queue: away("Redis cannot be asked: it is away") },
      "redis",
      /^Redis cannot be asked/,
    ],
    ["where the queue is not known", { queue: away(NO_REDIS) }, "stats-api", /set REDIS_URL$/],
    ["without PostgreSQL", { stored: away("PostgreSQL is away") }, "postgres", /^PostgreSQL is away$/],
    ["without a worker", services(ingest), "workers", /^No worker/],
    ["without an ingest", services(worker), "ingest", /^No ingest/],
    [
      "with an ingest that is not ready",
      services(aService("ingest", { isReady: false, problems: ["redis: is full"] }), worker),
      "ingest",
      /^ingest host:1: redis: is full$/,
    ],
    [
      "with a worker that is not ready",
      services(ingest, aService("worker", { isReady: false, problems: ["postgres: is away"] })),
      "worker",
      /postgres: is away$/,
    ],
    [
      "with a worker that works and warns",
      services(ingest, aService("worker", { problems: ["clocks differ"] })),
      "maintenance",
      /clocks differ$/,
    ],
    [
      "with batches in a spool",
      services(aService("ingest", { counts: { spooledBatches: 2 } }), worker),
      "waiting",
      /ingest host:1.*\b2\b|\b2\b.*ingest host:1/,
    ],
    ["with lost views", accounting({ lost: 5 }), "accounting", /not recorded: 5$/],
    ["with surplus views", accounting({ surplus: 6 }), "accounting", /queued: 6$/],
    ["while the queue is paused", queue({ isPaused: true }), "queue", /is paused$/],
    ["while a batch waits for long", queue({ oldestWaitingSeconds: 31.2 }), "waiting", /31 seconds$/],
    ["with failed jobs", queue({ failedJobs: 7 }), "failed-jobs", /\b7\b/],
    ["with little memory left in Redis", redis({ usedBytes: 81 }), "waiting", /less than a fifth/],
    [
      "with what Redis warns of",
      redis({ warnings: ["Redis has no AOF"] }),
      "maintenance",
      /^Redis has no AOF$/,
    ],
    ["with views that PostgreSQL has refused", rejected("refused"), "rejected", /\b3\b/],
    ["with a day that is not finalized", stored(1), "maintenance", /^A day /],
    ["with days that are not finalized", stored(4), "maintenance", /^4 days /],
  ];
  test.each(cases)("%s", (_, parts, part, text) => {
    const found = problemsWith(parts);
    expect(found).toEqual([
      { part, text: expect.stringMatching(text), action: expect.stringMatching(/\S\.$/) },
    ]);
  });
});

test("what keeps views from being stored comes first, and what cannot be seen is said once", () => {
  const detail = "Redis cannot be asked: it is away";
  const all = problemsWith({
    queue: away(detail),
    services: away(detail),
    redis: away(detail),
    stored: away("PostgreSQL is away"),
    rejected: away("PostgreSQL is away"),
  });
  expect(all.map(({ part }) => part)).toEqual(["redis", "postgres"]);
  const lesser = problemsWith({ ...queue({ isPaused: true }), ...rejected("refused"), ...stored(1) });
  expect(lesser.map(({ part }) => part)).toEqual(["queue", "rejected", "maintenance"]);
});
