import { VIEWS_JOB, VIEWS_QUEUE } from "@model-views/shared/contracts/views-queue.ts";
import { type Fixtures, test } from "@model-views/testing/fixtures.ts";
import { describe, expect } from "vitest";

const KEY = "an-admin-key-of-this-test";
const basic = (password: string) => ({ authorization: `Basic ${btoa(`anna:${password}`)}` });
const keyOf = (name: string) => `${VIEWS_QUEUE.prefix}:${VIEWS_QUEUE.name}:${name}`;
const VIEWER = "a-viewer-that-stays-hidden";

/** A failed job that names a viewer. */
async function failJob(redis: Fixtures["redis"]): Promise<void> {
  await redis.hset(keyOf("bad"), {
    name: VIEWS_JOB,
    data: JSON.stringify({ v: 1, views: [{ viewerIdentifier: VIEWER }, { viewerIdentifier: VIEWER }] }),
    opts: "{}",
    timestamp: "1",
    failedReason: "not valid",
    finishedOn: "2",
  });
  await redis.zadd(keyOf("failed"), 2, "bad");
}

describe("Bull Board", () => {
  test("lets in with an admin key, and shows batches without viewers", async ({ start, redis }) => {
    await failJob(redis);
    const { adminUrl } = await start("worker", { NODE_ENV: "production", ADMIN_KEYS: `anna=${KEY}` });
    const jobs = `${adminUrl}/queues/api/queues?activeQueue=views&status=failed&page=1&jobsPerPage=10`;
    for (const path of [
      `${adminUrl}/queues`,
      `${adminUrl}/queues/`,
      `${adminUrl}/queues/static/css/main.css`,
      jobs,
    ]) {
      for (const headers of [
        undefined,
        basic("another-key-of-this-test"),
        basic(""),
        { authorization: `Bearer ${KEY}x` },
      ]) {
        const response = await fetch(path, headers && { headers });
        expect([response.status, response.headers.get("www-authenticate")], path).toEqual([
          401,
          expect.stringMatching(/^Basic /),
        ]);
      }
    }
    const page = await fetch(`${adminUrl}/queues`, { headers: basic(KEY) });
    expect(page.status).toBe(200);
    expect(page.headers.get("content-security-policy")).toMatch(/^default-src 'self'; /);
    expect(await page.text()).toContain("model-views");
    const listed = await fetch(jobs, { headers: { authorization: `Bearer ${KEY}` } });
    const text = await listed.text();
    expect(JSON.parse(text)).toMatchObject({
      queues: [
        {
          name: "views",
          readOnlyMode: true,
          jobs: [{ id: "bad", data: { views: 2 }, failedReason: "not valid" }],
        },
      ],
    });
    const one = await (
      await fetch(`${adminUrl}/queues/api/queues/views/bad`, { headers: basic(KEY) })
    ).text();
    expect(one).toContain("not valid");
    expect(text + one).not.toContain(VIEWER);
  });

  test("changes nothing", async ({ start, redis }) => {
    await failJob(redis);
    const { adminUrl } = await start("worker", { NODE_ENV: "production", ADMIN_KEYS: KEY });
    const changes = [
      ["PUT", "views/bad/retry/failed"],
      ["PUT", "views/bad/clean"],
      ["PUT", "views/bad/promote"],
      ["PATCH", "views/bad/update-data"],
      ["PUT", "views/retry/failed"],
      ["PUT", "views/clean/failed"],
      ["PUT", "views/promote"],
      ["PUT", "views/pause"],
      ["PUT", "views/resume"],
      ["PUT", "views/empty"],
      ["PUT", "views/obliterate"],
      ["POST", "views/add"],
      ["PUT", "pause"],
    ] as const;
    for (const [method, path] of changes) {
      const headers = { ...basic(KEY), "content-type": "application/json" };
      const body = JSON.stringify({ name: "views", data: {}, jobData: {}, options: {} });
      const response = await fetch(`${adminUrl}/queues/api/queues/${path}`, { method, headers, body });
      expect(response.status, path).toBe(405);
    }
    expect(await redis.zscore(keyOf("failed"), "bad")).toBe("2");
    expect(await redis.hget(keyOf("bad"), "data")).toContain(VIEWER);
    expect(await redis.hexists(keyOf("meta"), "paused")).toBe(0);
    expect(await redis.llen(keyOf("wait"))).toBe(0);
  });

  test("is closed in production where there is no key", async ({ start }) => {
    const { adminUrl } = await start("worker", { NODE_ENV: "production" });
    expect((await fetch(`${adminUrl}/queues`)).status).toBe(401);
    expect((await fetch(`${adminUrl}/metrics`)).status).toBe(200);
  });
});
