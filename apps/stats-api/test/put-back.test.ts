import { randomUUID } from "node:crypto";
import { rejectView } from "@model-views/db/rejected/reject-view.ts";
import { failedJobListSchema, retriedSchema } from "@model-views/shared/contracts/failed-jobs.ts";
import { redrivenSchema } from "@model-views/shared/contracts/rejected.ts";
import {
  PAYLOAD_VERSION,
  VIEWS_JOB,
  VIEWS_JOB_OPTIONS,
  VIEWS_QUEUE,
} from "@model-views/shared/contracts/views-queue.ts";
import { createApiKeyCheck } from "@model-views/shared/http/api-keys.ts";
import { connectFailingFast, settled } from "@model-views/shared/queue/redis.ts";
import { createLogger } from "@model-views/shared/runtime/logger.ts";
import type { Fixtures } from "@model-views/testing/fixtures.ts";
import { aModel, aView } from "@model-views/testing/views.ts";
import { describe, expect } from "vitest";
import { type Api, test as base, openDeps, withApi } from "./api.ts";

type Db = Fixtures["db"];
type Redis = Fixtures["redis"];

const ADMIN = "a-key-that-changes";
const READER = "a-key-that-reads";
const keys = {
  mayRead: createApiKeyCheck([READER, ADMIN], { isDevelopment: false }),
  mayChange: createApiKeyCheck([ADMIN], { isDevelopment: false }),
};

const test = base.extend({ keys, deps: ({ redis }, use) => use({ queueRedis: redis }) });

const keyOf = (name: string) => `${VIEWS_QUEUE.prefix}:${VIEWS_QUEUE.name}:${name}`;
const waiting = (redis: Redis) => redis.llen(keyOf("wait"));
const jobOf = (...views: unknown[]) => JSON.stringify({ v: PAYLOAD_VERSION, views });

function post(api: Api, path: string, body: object, key = ADMIN): Promise<Response> {
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  return api.ask(path, { method: "POST", headers, body: JSON.stringify(body) });
}

async function redrive(api: Api, body: object) {
  return redrivenSchema.parse(await (await post(api, "/v1/rejected/redrive", body)).json());
}

async function retry(api: Api, body: object) {
  return retriedSchema.parse(await (await post(api, "/v1/failed-jobs/retry", body)).json());
}

/** A failed job with this data, as a worker leaves it in Redis. */
async function failed(redis: Redis, data: string, { reason = "because", at = 1_000 } = {}): Promise<string> {
  const id = randomUUID();
  await redis.hset(keyOf(id), {
    name: VIEWS_JOB,
    data,
    opts: JSON.stringify(VIEWS_JOB_OPTIONS),
    timestamp: "1",
    failedReason: reason,
    finishedOn: String(at),
  });
  await redis.zadd(keyOf("failed"), at, id);
  return id;
}

async function rejectedIds(db: Db): Promise<string[]> {
  const { rows } = await db.$client.query<{ id: string }>("select id from rejected_views order by id");
  return rows.map(({ id }) => id);
}

async function outcomes(db: Db): Promise<unknown[]> {
  return (await db.$client.query("select action, subject, outcome from audit_log order by id")).rows;
}

async function refused(db: Db, sqlstate = "22021") {
  const view = aView({ modelId: await aModel(db) });
  await rejectView(db.$client, view, { sqlstate, message: "refused" });
  return view;
}

describe("POST /v1/rejected/redrive", () => {
  test("puts the chosen views on the queue, all or nothing, and notes what and how many", async ({
    db,
    redis,
    api,
  }) => {
    const [one, two, three] = [await refused(db), await refused(db), await refused(db, "23514")];
    expect(await redrive(api, { modelId: one.modelId })).toEqual({ redriven: 1, unreadable: 0, next: null });
    const [jobId = ""] = await redis.lrange(keyOf("wait"), 0, -1);
    expect(JSON.parse((await redis.hget(keyOf(jobId), "data")) ?? "")).toMatchObject({
      views: [{ id: one.id }],
    });
    expect(await rejectedIds(db)).toEqual([two.id, three.id].sort());

    expect(await redrive(api, { reason: "23514" })).toMatchObject({ redriven: 1 });
    expect(await rejectedIds(db)).toEqual([two.id]);
    expect(await redrive(api, { reason: "unknown_model" })).toMatchObject({ redriven: 0 });
    expect(await redrive(api, { before: "2026-01-01T00:00:00Z" })).toMatchObject({ redriven: 0 });
    expect(await redrive(api, { before: "2999-01-01T00:00:00Z" })).toMatchObject({ redriven: 1 });
    expect([await rejectedIds(db), await waiting(redis)]).toEqual([[], 3]);
    const noted = (text: string) => ({
      action: "redrive-rejected",
      subject: null,
      outcome: `200: ${text}`,
    });
    expect(await outcomes(db)).toEqual([
      noted(`1 views put on the queue (model ${one.modelId})`),
      noted("1 views put on the queue (reason 23514)"),
      noted("0 views put on the queue (reason unknown_model)"),
      noted("0 views put on the queue"),
      noted("1 views put on the queue"),
    ]);
  });

  test("goes on where a request has stopped, and leaves what was rejected since", async ({
    db,
    redis,
    api,
  }) => {
    const view = await refused(db);
    await db.$client.query(
      `insert into rejected_views select (jsonb_populate_record(r, jsonb_build_object('id', gen_random_uuid()))).*
       from rejected_views r, generate_series(1, 10_700)`,
    );
    const first = await redrive(api, {});
    expect(first).toEqual({ redriven: 10_000, unreadable: 0, next: { before: expect.any(String) } });
    const later = aView({ modelId: view.modelId });
    await rejectView(db.$client, later, { sqlstate: "22021", message: "refused" });
    expect(await redrive(api, { ...first.next })).toEqual({ redriven: 701, unreadable: 0, next: null });
    expect(await rejectedIds(db)).toEqual([later.id]);
    expect(await waiting(redis)).toBe(22);
  });

  test("leaves the views where they were when Redis does not take them, and says so", async ({
    db,
    redis,
    redisUrl,
  }) => {
    const view = await refused(db);
    // Its user may ask, and not write: as with a replica, or a Redis that is full.
    const url = new URL(redisUrl);
    await redis.call(
      "ACL",
      "SETUSER",
      "only-reads",
      "reset",
      "on",
      ">a-password",
      "~*",
      "+@read",
      "+select",
      "+info",
    );
    [url.username, url.password] = ["only-reads", "a-password"];
    const queueRedis = connectFailingFast(url.href, openDeps.logger);
    const lines: string[] = [];
    const logger = createLogger({ service: "test", level: "info" }, { write: (line) => lines.push(line) });
    try {
      await settled(queueRedis);
      await withApi({ db, ...keys, queueRedis, logger }, async (api) => {
        const response = await post(api, "/v1/rejected/redrive", {});
        expect(response.status).toBe(503);
        expect(await response.json()).toMatchObject({
          detail: "Redis cannot be asked; the log of the stats API says why",
        });
        expect(lines.join()).toContain("NOPERM");
      });
      await redis.call("ACL", "DELUSER", "only-reads");
      await expect.poll(() => queueRedis.status).not.toBe("ready");
      await withApi({ db, ...keys, queueRedis }, async (api) => {
        for (const path of ["/v1/rejected/redrive", "/v1/failed-jobs/retry"]) {
          expect((await post(api, path, path.endsWith("retry") ? { all: true } : {})).status).toBe(503);
        }
      });
    } finally {
      queueRedis.disconnect();
    }
    await withApi({ db, ...keys }, async (api) => {
      const response = await post(api, "/v1/rejected/redrive", {});
      expect(await response.json()).toMatchObject({
        status: 503,
        detail: expect.stringContaining("set REDIS_URL"),
      });
    });
    expect([await rejectedIds(db), await waiting(redis)]).toEqual([[view.id], 0]);
    expect((await outcomes(db)).at(0)).toMatchObject({ outcome: "503: 0 views put on the queue" });
  });
});

describe("GET /v1/failed-jobs", () => {
  test("lists the newest, and nothing of a viewer", async ({ redis, api }) => {
    const view = aView({ viewerIdentifier: "member 7", ipAddress: "192.0.2.7", userAgent: "Member/7" });
    const old = await failed(redis, jobOf(view), { at: 1_000 });
    const half = await failed(redis, jobOf(view, { ...view, modelId: "member 7" }), {
      at: 2_000,
      reason: "a\0b",
    });
    const garbage = await failed(redis, "{member 7", { at: 3_000 });
    const headers = { authorization: `Bearer ${READER}` };
    const text = await (await api.ask("/v1/failed-jobs?limit=2", { headers })).text();
    expect(failedJobListSchema.parse(JSON.parse(text))).toMatchObject({
      items: [
        { id: garbage, readableViews: 0, isWorthRetrying: false },
        { id: half, readableViews: 1, isWorthRetrying: false, reason: "ab" },
      ],
      total: 3,
    });
    expect(text).not.toMatch(/member|192\.0\.2/i);
    const all = await (await api.ask("/v1/failed-jobs", { headers })).json();
    expect(failedJobListSchema.parse(all).items.at(-1)).toMatchObject({
      id: old,
      failedAt: "1970-01-01T00:00:01.000Z",
      isWorthRetrying: true,
    });
  });
});

describe("POST /v1/failed-jobs/retry", () => {
  test("puts back what can be read now, skips the rest, and names ids that have not failed", async ({
    db,
    redis,
    api,
  }) => {
    const good = await failed(redis, jobOf(aView()));
    const bad = await failed(redis, jobOf({ ...aView(), modelId: "no model" }));
    const garbage = await failed(redis, "{no json");
    expect(await retry(api, { ids: [good, good, bad, "unknown"] })).toEqual({
      retried: 1,
      skipped: [{ id: bad, reason: expect.stringContaining("view 0: modelId") }],
      missing: ["unknown"],
      next: null,
    });
    expect(await retry(api, { ids: [good] })).toMatchObject({ retried: 0, missing: [good] });
    const anyway = await retry(api, { all: true, isAnyway: true });
    expect(anyway).toMatchObject({ retried: 1, skipped: [{ id: garbage, reason: "no JSON" }] });
    expect([await waiting(redis), await redis.zcard(keyOf("failed"))]).toEqual([2, 1]);
    expect(await outcomes(db)).toMatchObject([
      { action: "retry-failed-jobs", outcome: "200: 1 jobs put back of 4 named, 1 skipped" },
      { outcome: "200: 0 jobs put back of 1 named, 0 skipped" },
      { outcome: "200: 1 jobs put back, 1 skipped" },
    ]);
  });

  test("chooses by reason and time, and goes on where a request has stopped", async ({ redis, api }) => {
    for (let n = 0; n < 450; n += 1) {
      // Many in one millisecond, at the end of the first request.
      const at = n < 180 ? n : n < 260 ? 190 : n;
      await failed(redis, n % 3 === 0 ? jobOf(aView()) : "{no json", {
        at,
        reason: n % 2 === 0 ? "even" : "odd",
      });
    }
    expect(await retry(api, { since: "1970-01-01T00:00:00.440Z", reason: "even" })).toMatchObject({
      retried: 1,
      skipped: { length: 4 },
      next: null,
    });
    const seen = { retried: 0, skipped: new Set<string>() };
    let requests = 0;
    for (let next: object | null = {}; next !== null; requests += 1) {
      const done = await retry(api, { all: true, ...next });
      seen.retried += done.retried;
      for (const { id } of done.skipped) expect(seen.skipped.has(id)).toBe(false);
      for (const { id } of done.skipped) seen.skipped.add(id);
      next = done.next;
      // One that failed meanwhile is left to another time.
      if (requests === 0) await failed(redis, jobOf(aView()), { at: 9_999 });
    }
    expect(requests).toBe(2);
    expect([seen.retried, seen.skipped.size]).toEqual([149, 300]);
    expect([await waiting(redis), await redis.zcard(keyOf("failed"))]).toEqual([150, 301]);
  });

  test.for([
    [{}],
    [{ ids: [] }],
    [{ ids: ["a"], all: true }],
    [{ ids: ["a"], since: "2026-11-22T00:00:00Z" }],
    [{ before: "2026-11-22T00:00:00Z" }],
    [{ all: false }],
    [{ reason: "" }],
    [{ since: "yesterday" }],
  ] as const)("%j chooses nothing", async ([body], { redis, api }) => {
    await failed(redis, jobOf(aView()));
    expect((await post(api, "/v1/failed-jobs/retry", body)).status).toBe(422);
    expect(await waiting(redis)).toBe(0);
  });

  test("needs an admin's key", async ({ db, redis, api }) => {
    await failed(redis, jobOf(aView()));
    for (const path of ["/v1/failed-jobs/retry", "/v1/rejected/redrive"]) {
      expect((await post(api, path, { all: true }, READER)).status).toBe(401);
    }
    expect(await outcomes(db)).toEqual([]);
    expect(await waiting(redis)).toBe(0);
  });
});
