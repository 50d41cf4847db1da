import { recordViews } from "@model-views/db/recording/record-views.ts";
import { test } from "@model-views/testing/own-redis.ts";
import { aModel, aView } from "@model-views/testing/views.ts";
import { describe, expect } from "vitest";

/** The longest that a question takes without an answer from Redis: the time-out of 100 ms is a small part of it. */
const SOON_MS = 5_000;

/** The keys of answers. The same Redis also has the statuses of the services. */
const CACHED = "{stats}:v1:*";

/** Asks about a period for the first time, and checks the answer. */
async function ask(url: string, tz = "UTC"): Promise<Response> {
  const response = await fetch(`${url}/v1/timeseries?tz=${tz}`, { signal: AbortSignal.timeout(SOON_MS) });
  expect(response.status).toBe(200);
  const { items } = (await response.json()) as { items: { views: number }[] };
  expect(items.reduce((sum, { views }) => sum + views, 0)).toBe(1);
  return response;
}

async function counted(adminUrl: string, kind: "reads" | "writes", result: string): Promise<number> {
  const text = await (await fetch(`${adminUrl}/metrics`)).text();
  const line = new RegExp(`^model_views_stats_cache_${kind}_total\\{result="${result}"\\} (\\d+)$`, "m");
  return Number(line.exec(text)?.[1] ?? 0);
}

describe("answers about periods arrive, and are right,", () => {
  test.beforeEach(async ({ db }) => {
    await recordViews(db.$client, [aView({ modelId: await aModel(db) })]);
  });

  test("from Redis where it is available, under keys that expire", async ({ start, ownRedis }) => {
    const { url, adminUrl } = await start("stats-api", { REDIS_URL: ownRedis.url });
    await expect
      .poll(async () => {
        await ask(url);
        return counted(adminUrl, "reads", "fresh");
      })
      .toBeGreaterThan(0);
    const redis = ownRedis.client();
    const keys = await redis.keys(CACHED);
    expect(keys).toHaveLength(1);
    expect(await redis.pttl(keys[0] ?? "")).toBeGreaterThan(0);
  });

  test("without REDIS_URL, and with the cache off", async ({ start }) => {
    for (const env of [{ REDIS_URL: "" }, { STATS_CACHE_SECONDS: "0" }]) {
      const { url, adminUrl, kill } = await start("stats-api", env);
      for (let i = 0; i < 3; i += 1) await ask(url);
      for (const result of ["fresh", "miss", "failed"])
        expect(await counted(adminUrl, "reads", result)).toBe(0);
      await kill("SIGTERM");
    }
  });

  test("when Redis is away at the start, and from it once it is back", async ({ start, ownRedis }) => {
    ownRedis.kill("SIGKILL");
    const { url, adminUrl } = await start("stats-api", { REDIS_URL: ownRedis.url });
    for (let i = 0; i < 5; i += 1) await ask(url);
    expect(await counted(adminUrl, "reads", "failed")).toBe(5);
    await ownRedis.start();
    await expect
      .poll(async () => {
        await ask(url);
        return counted(adminUrl, "reads", "fresh");
      })
      .toBeGreaterThan(0);
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
  });

  test("when Redis hangs, at the start or later, and after a kill", async ({ start, ownRedis }) => {
    const before = await start("stats-api", { REDIS_URL: ownRedis.url });
    await expect
      .poll(async () => {
        await ask(before.url);
        return counted(before.adminUrl, "writes", "kept");
      })
      .toBeGreaterThan(0);
    ownRedis.kill("SIGSTOP");
    const during = await start("stats-api", { REDIS_URL: ownRedis.url });
    for (const { url, adminUrl } of [before, during]) {
      const zones = ["Europe/Berlin", "Europe/Paris", "Asia/Tokyo", "America/Lima", "Africa/Cairo"];
      await Promise.all(zones.map((tz) => ask(url, tz)));
      for (const tz of zones) await ask(url, tz);
      expect(await counted(adminUrl, "reads", "failed")).toBeGreaterThanOrEqual(10);
      expect((await fetch(`${url}/readyz`)).status).toBe(200);
    }
    ownRedis.kill("SIGKILL");
    await ask(before.url);
    expect(await before.kill("SIGTERM")).toBe(0);
    expect(await during.kill("SIGTERM")).toBe(0);
  });

  test("when Redis is full, read-only, or has something else under the key", async ({ start, ownRedis }) => {
    const { url, adminUrl } = await start("stats-api", {
      REDIS_URL: ownRedis.url,
      STATS_CACHE_SECONDS: "60",
    });
    const redis = ownRedis.client();
    // On a busy machine Redis may take longer than the stats API waits for it; the next question uses it again.
    const afterQuestions = (look: () => Promise<unknown>) =>
      expect.poll(async () => {
        await ask(url);
        return look();
      });
    await redis.config("SET", "maxmemory", "1");
    await afterQuestions(() => counted(adminUrl, "writes", "refused")).toBeGreaterThan(0);
    expect(await redis.keys(CACHED)).toEqual([]);
    await redis.config("SET", "maxmemory", "0");
    await afterQuestions(() => redis.keys(CACHED)).toHaveLength(1);
    const [key = ""] = await redis.keys(CACHED);
    for (const text of ["", "garbage", "null", '{"items":[]}', '{"asOf":"2026-11-22T12:00:00.000Z"}']) {
      await redis.set(key, text);
      await afterQuestions(() => redis.ttl(key)).toBeGreaterThan(0);
    }
    await redis.del(key);
    await redis.lpush(key, "a list");
    await afterQuestions(() => redis.type(key)).toBe("string");
    await redis.del(key);
    await redis.replicaof("127.0.0.1", "9");
    await ask(url);
    expect(await redis.exists(key)).toBe(0);
  });
});
