import { createServer } from "node:net";
import {
  pipelineAnswerSchema,
  type ServiceStatus,
  serviceStatusSchema,
} from "@model-views/shared/contracts/pipeline.ts";
import { PAYLOAD_VERSION, VIEWS_JOB, VIEWS_QUEUE } from "@model-views/shared/contracts/views-queue.ts";
import type { Readiness } from "@model-views/shared/http/health.ts";
import { connectFailingFast } from "@model-views/shared/queue/redis.ts";
import { publishStatus, readStatuses } from "@model-views/shared/queue/service-status.ts";
import { createMetrics } from "@model-views/shared/runtime/metrics.ts";
import type { Fixtures } from "@model-views/testing/fixtures.ts";
import { aView } from "@model-views/testing/views.ts";
import { Gauge } from "prom-client";
import { describe, expect, onTestFinished, vi } from "vitest";
import { type Api, test as base, now, openDeps, withApi } from "./api.ts";

type Redis = Fixtures["redis"];

const test = base.extend({ deps: ({ redis }, use) => use({ queueRedis: redis }) });

const keyOf = (name: string) => `${VIEWS_QUEUE.prefix}:${VIEWS_QUEUE.name}:${name}`;

/** A job with two views that was added so many seconds ago. */
async function aJob(redis: Redis, id: string, secondsAgo: number): Promise<string> {
  const data = JSON.stringify({ v: PAYLOAD_VERSION, views: [aView(), aView()] });
  const timestamp = String(now.getTime() - secondsAgo * 1_000);
  await redis.hset(keyOf(id), { name: VIEWS_JOB, data, timestamp });
  return id;
}

async function pipeline(api: Api) {
  return pipelineAnswerSchema.parse(await api.json("/v1/pipeline"));
}

async function queueOf(api: Api) {
  const { queue } = await pipeline(api);
  if ("error" in queue) throw new Error(queue.error.detail);
  return queue.data;
}

describe("GET /v1/pipeline", () => {
  test("counts what waits, and since when the oldest does, wherever on the queue it is", async ({
    redis,
    api,
  }) => {
    expect(await queueOf(api)).toMatchObject({ waitingJobs: 0, waitingViews: 0, oldestWaitingSeconds: null });
    for (const [id, secondsAgo] of [
      ["w1", 20],
      ["w2", 10],
    ] as const) {
      await redis.lpush(keyOf("wait"), await aJob(redis, id, secondsAgo));
    }
    expect(await queueOf(api)).toMatchObject({ waitingJobs: 2, waitingViews: 4, oldestWaitingSeconds: 20 });
    await redis.lpush(keyOf("active"), await aJob(redis, "a1", 30), await aJob(redis, "a2", 1));
    expect(await queueOf(api)).toMatchObject({ waitingJobs: 2, activeJobs: 2, oldestWaitingSeconds: 30 });
    await redis.zadd(keyOf("delayed"), 1, await aJob(redis, "d1", 40), 2, await aJob(redis, "d2", 0));
    expect(await queueOf(api)).toMatchObject({ waitingJobs: 4, waitingViews: 12, oldestWaitingSeconds: 40 });
    await redis.lpush(keyOf("paused"), await aJob(redis, "p1", 50));
    await redis.hset(keyOf("meta"), "paused", "1");
    const { queue, problems } = await pipeline(api);
    expect(queue).toMatchObject({ data: { waitingJobs: 5, oldestWaitingSeconds: 50, isPaused: true } });
    expect(problems.map(({ text }) => text)).toEqual(
      expect.arrayContaining(["The queue is paused", "The oldest batch has waited for 50 seconds"]),
    );
  });

  test("looks at the ends of a long queue alone", async ({ redis, api }) => {
    const ids = Array.from({ length: 5_000 }, (_, n) => `j${n}`);
    await redis.lpush(keyOf("wait"), await aJob(redis, "oldest", 60), ...ids);
    const lists = (["lrange", "scan", "keys", "hgetall"] as const).map((name) => vi.spyOn(redis, name));
    const ends = vi.spyOn(redis, "lindex");
    expect(await queueOf(api)).toMatchObject({
      waitingJobs: 5_001,
      waitingViews: null,
      oldestWaitingSeconds: 60,
    });
    for (const list of lists) expect(list).not.toHaveBeenCalled();
    expect(ends).toHaveBeenCalled();
  });

  test("answers the parts of PostgreSQL while Redis hangs", async ({ db }) => {
    const silent = createServer(() => {}).listen(0, "127.0.0.1");
    await new Promise((resolve) => silent.once("listening", resolve));
    const address = silent.address();
    if (address === null || typeof address === "string") throw new Error("it has no port");
    const queueRedis = connectFailingFast(`redis://127.0.0.1:${address.port}`, openDeps.logger);
    onTestFinished(() => {
      queueRedis.disconnect();
      silent.close();
    });
    await withApi({ db, queueRedis }, async (api) => {
      const { queue, services, redis, stored, rejected, problems } = await pipeline(api);
      for (const part of [queue, services, redis]) {
        expect(part).toMatchObject({
          error: { status: 503, detail: expect.stringMatching(/^Redis cannot be asked/) },
        });
      }
      for (const part of [stored, rejected]) expect(part).toHaveProperty("data");
      expect(problems[0]).toMatchObject({ part: "redis" });
    });
  });
});

test("why a process is not ready is for admins; other readers see that it is not", async ({ db, redis }) => {
  const reason = "password authentication failed for user at 10.2.3.4";
  await redis.set(
    `${VIEWS_QUEUE.prefix}:service:w`,
    JSON.stringify({ ...WORKER, isReady: false, problems: [`postgres: ${reason}`] }),
  );
  await redis.zadd(`${VIEWS_QUEUE.prefix}:services`, Date.now(), "w");
  for (const mayChange of [true, false]) {
    const deps = { db, queueRedis: redis, mayRead: () => true, mayChange: () => mayChange };
    await withApi(deps, async ({ json }) => {
      for (const path of ["/v1/pipeline", "/v1/settings"]) {
        const text = JSON.stringify(await json(path));
        expect(text.includes(reason), `${path}, an admin: ${mayChange}`).toBe(mayChange);
        expect(text).toContain('"isReady":false');
      }
      const { problems } = pipelineAnswerSchema.parse(await json("/v1/pipeline"));
      expect(problems.map(({ part }) => part)).toContain("worker");
    });
  }
});

const WORKER: ServiceStatus = {
  service: "worker",
  id: "w",
  version: "1.0.0",
  startedAt: now.toISOString(),
  seenAt: now.toISOString(),
  isReady: true,
  problems: [],
  counts: {},
  settings: {},
};

describe("publishStatus", () => {
  const readiness = async (): Promise<Readiness> => ({
    status: "not ready",
    checks: { redis: "is full" },
    warnings: ["a warning"],
  });

  function aService(redis: Parameters<typeof publishStatus>[0]["redis"], service: ServiceStatus["service"]) {
    const registry = createMetrics();
    const gauge = new Gauge({ name: "spool", help: "x", labelNames: ["file"], registers: [registry] });
    gauge.set({ file: "a" }, 2);
    gauge.set({ file: "b" }, 3);
    const of = {
      service,
      version: "1.0.0",
      settings: { RATE: 1 },
      counts: { spooled: "spool", none: "none" },
    };
    const stop = publishStatus({ ...of, redis, readiness, registry, logger: openDeps.logger });
    onTestFinished(stop);
    return stop;
  }

  test("says how the process is, for 30 s, and readers leave out what they cannot read", async ({
    redis,
  }) => {
    aService(redis, "ingest");
    await expect.poll(() => readStatuses(redis)).toHaveLength(1);
    const [status] = await readStatuses(redis);
    expect(serviceStatusSchema.parse(status)).toMatchObject({
      service: "ingest",
      isReady: false,
      problems: ["redis: is full", "a warning"],
      counts: { spooled: 5, none: 0 },
      settings: { RATE: 1 },
    });
    const key = `${VIEWS_QUEUE.prefix}:service:${status?.id}`;
    expect(await redis.pttl(key)).toBeGreaterThan(20_000);
    expect(await redis.pttl(key)).toBeLessThanOrEqual(30_000);
    await redis.set(`${VIEWS_QUEUE.prefix}:service:other`, "{no json");
    await redis.set(`${VIEWS_QUEUE.prefix}:service:newer`, JSON.stringify({ service: "ingest" }));
    await redis.zadd(
      `${VIEWS_QUEUE.prefix}:services`,
      Date.now(),
      "other",
      Date.now(),
      "newer",
      Date.now(),
      "gone",
    );
    expect(await readStatuses(redis)).toHaveLength(1);
  });

  test("asks a Redis that hangs no second time, and one that refuses again after 10 s", async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const hangs = vi.fn(() => new Promise<never>(() => {}));
    const refuses = vi.fn(async () => {
      throw new Error("OOM command not allowed");
    });
    for (const [command, times] of [
      [hangs, 1],
      [refuses, 4],
    ] as const) {
      const redis = { set: command, zadd: command, zremrangebyscore: command };
      const stop = aService(redis as Parameters<typeof aService>[0], "worker");
      await vi.advanceTimersByTimeAsync(35_000);
      expect(command).toHaveBeenCalledTimes(times);
      stop();
      await vi.advanceTimersByTimeAsync(35_000);
      expect(command).toHaveBeenCalledTimes(times);
    }
  });
});
