import { randomUUID } from "node:crypto";
import { mkdir, readdir, stat, truncate, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { verifyRollups } from "@model-views/db/rollups/verify-rollups.ts";
import { test } from "@model-views/testing/own-redis.ts";
import { aModel, aView } from "@model-views/testing/views.ts";
import { describe, expect } from "vitest";

/** Posts `count` views one after the other, all of which must be accepted; returns their ids. */
async function postAll(url: string, modelId: string, count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, () => randomUUID());
  for (const id of ids) {
    const body = JSON.stringify({ modelId, id, viewedAt: new Date().toISOString() });
    const response = await fetch(`${url}/v1/views`, {
      method: "POST",
      body,
      headers: { "content-type": "application/json" },
    });
    expect(response.status).toBe(202);
    await response.arrayBuffer();
  }
  return ids;
}

async function storedIds(db: Parameters<typeof verifyRollups>[0]): Promise<string[]> {
  const { rows } = await db.$client.query<{ id: string }>("select id from model_views");
  return rows.map(({ id }) => id).sort();
}

const readyz = async (adminUrl: string) => (await fetch(`${adminUrl}/readyz`)).json();

describe("while Redis is away, every view is accepted, and stored once when it is back", () => {
  test("when it is hung, and ingest is killed in the middle", async ({ db, start, folder, ownRedis }) => {
    const env = { REDIS_URL: ownRedis.url, DATA_DIR: folder };
    const [first, modelId] = [await start("ingest", env), await aModel(db)];
    await start("worker", env);
    const ids = await postAll(first.url, modelId, 5);
    ownRedis.kill("SIGSTOP");
    ids.push(...(await postAll(first.url, modelId, 50)));
    expect(await readyz(first.adminUrl)).toMatchObject({
      status: "ok",
      checks: { durable: expect.stringMatching(/^spooling/) },
    });
    await first.kill("SIGKILL");
    const second = await start("ingest", env);
    ids.push(...(await postAll(second.url, modelId, 50)));
    ownRedis.kill("SIGCONT");
    await expect.poll(() => storedIds(db), { timeout: 20_000 }).toEqual(ids.sort());
    await expect.poll(() => readyz(second.adminUrl)).toMatchObject({ checks: { durable: "ok" } });
    expect(await verifyRollups(db)).toEqual([]);
  });

  test("when it is not there at the start, and comes later", async ({ db, start, folder, ownRedis }) => {
    const env = { REDIS_URL: ownRedis.url, DATA_DIR: folder };
    ownRedis.kill("SIGKILL");
    const [ingest, modelId] = [await start("ingest", env), await aModel(db)];
    const ids = await postAll(ingest.url, modelId, 20);
    await ownRedis.start();
    await start("worker", env);
    await expect.poll(() => storedIds(db), { timeout: 20_000 }).toEqual(ids.sort());
  });

  test("when it is killed again and again under load", async ({ db, start, folder, ownRedis }) => {
    const env = { REDIS_URL: ownRedis.url, DATA_DIR: folder };
    const [ingest, modelId] = [await start("ingest", env), await aModel(db)];
    await start("worker", env);
    const ids: string[] = [];
    for (let round = 0; round < 3; round += 1) {
      const posted = postAll(ingest.url, modelId, 200);
      ownRedis.kill("SIGKILL");
      await ownRedis.start();
      ids.push(...(await posted));
    }
    await expect.poll(() => storedIds(db), { timeout: 25_000 }).toEqual(ids.sort());
    expect(await verifyRollups(db)).toEqual([]);
  });

  test("when its machine loses power, and its disk has not got the last moments", async ({
    db,
    start,
    folder,
    ownRedis,
  }) => {
    const env = { REDIS_URL: ownRedis.url, DATA_DIR: folder };
    const [ingest, modelId] = [await start("ingest", env), await aModel(db)];
    const onDisk = join(folder, "redis", "appendonlydir");
    const sizes = new Map<string, number>();
    for (const name of await readdir(onDisk)) sizes.set(name, (await stat(join(onDisk, name))).size);
    const views = Array.from({ length: 20 }, () => aView({ modelId }));
    const { status } = await fetch(`${ingest.url}/v1/views/batch`, {
      method: "POST",
      body: JSON.stringify({ views }),
      headers: { "content-type": "application/json" },
    });
    ownRedis.kill("SIGKILL");
    expect(status).toBe(202);
    // When ingest has lost its connection, Redis does not write any more.
    await expect
      .poll(() => readyz(ingest.adminUrl))
      .toMatchObject({ checks: { durable: expect.stringMatching(/^spooling/) } });
    for (const [name, size] of sizes) await truncate(join(onDisk, name), size);
    await ownRedis.start();
    await start("worker", env);
    await expect.poll(() => storedIds(db), { timeout: 20_000 }).toEqual(views.map(({ id }) => id).sort());
  });

  test("when it refuses writes", async ({ db, start, folder, ownRedis }) => {
    const env = { REDIS_URL: ownRedis.url, DATA_DIR: folder };
    const [ingest, modelId] = [await start("ingest", env), await aModel(db)];
    await start("worker", env);
    const redis = ownRedis.client();
    await redis.replicaof("127.0.0.1", "1");
    const ids = await postAll(ingest.url, modelId, 20);
    await redis.replicaof("NO", "ONE");
    await expect.poll(() => storedIds(db), { timeout: 20_000 }).toEqual(ids.sort());
  });

  test("when its memory fills up, before it is full", async ({ db, start, folder, ownRedis }) => {
    const env = { REDIS_URL: ownRedis.url, DATA_DIR: folder };
    const redis = ownRedis.client();
    const [ingest, modelId] = [await start("ingest", env), await aModel(db)];
    const { used_memory: used = "0" } = Object.fromEntries(
      (await redis.info("memory")).split("\r\n").map((line) => line.split(":")),
    );
    await redis.config("SET", "maxmemory", String(Math.round(Number(used) * 1.5)));
    await expect
      .poll(() => readyz(ingest.adminUrl), { timeout: 5_000 })
      .toMatchObject({
        status: "ok",
        checks: { durable: expect.stringMatching(/spooling, because Redis uses \d+ % of its memory/) },
      });
    const ids = await postAll(ingest.url, modelId, 20);
    await start("worker", env);
    await redis.config("SET", "maxmemory", "0");
    await expect.poll(() => storedIds(db), { timeout: 20_000 }).toEqual(ids.sort());
  });
});

test("ingest is not ready on a Redis that may forget views, and reports why", async ({
  start,
  folder,
  ownRedis,
}) => {
  await ownRedis.client().config("SET", "maxmemory-policy", "allkeys-lru");
  const ingest = await start("ingest", { REDIS_URL: ownRedis.url, DATA_DIR: folder });
  const response = await fetch(`${ingest.adminUrl}/readyz`);
  expect(response.status).toBe(503);
  expect(await response.json()).toMatchObject({
    checks: { durable: expect.stringMatching(/allkeys-lru.*noeviction/) },
  });
});

test("a full spool is a 503 with Retry-After, and its views are stored later", async ({
  db,
  start,
  folder,
  ownRedis,
}) => {
  const env = { REDIS_URL: ownRedis.url, DATA_DIR: folder, SPOOL_BYTES_MAX: "1000" };
  const [ingest, modelId] = [await start("ingest", env), await aModel(db)];
  ownRedis.kill("SIGKILL");
  const answers = [];
  for (let i = 0; i < 10; i += 1) {
    const body = JSON.stringify({ modelId, id: randomUUID() });
    answers.push(
      await fetch(`${ingest.url}/v1/views`, {
        method: "POST",
        body,
        headers: { "content-type": "application/json" },
      }),
    );
  }
  const refused = answers.filter(({ status }) => status === 503);
  expect(refused.length).toBeGreaterThan(0);
  expect(refused[0]?.headers.get("retry-after")).toBe("5");
  await ownRedis.start();
  await start("worker", env);
  const accepted = answers.filter(({ status }) => status === 202).length;
  expect(accepted + refused.length).toBe(10);
  await expect.poll(async () => (await storedIds(db)).length, { timeout: 20_000 }).toBe(accepted);
});

test("other spools of the folder count, and one that cannot be read is reported", async ({
  start,
  folder,
  ownRedis,
}) => {
  const spools = join(folder, "spool");
  await mkdir(spools);
  const breakSpool = async (name: string) => {
    await writeFile(join(spools, name), "no database".repeat(1_000));
    await utimes(join(spools, name), 0, 0);
  };
  await breakSpool("another.spool.sqlite");
  const env = { REDIS_URL: ownRedis.url, DATA_DIR: folder, SPOOL_BYTES_MAX: "11000" };
  const ingest = await start("ingest", env);
  await expect
    .poll(() => readyz(ingest.adminUrl))
    .toMatchObject({
      status: "ok",
      warnings: [
        expect.stringMatching(/^the spool takes 0\.0 MB more .*SPOOL_BYTES_MAX leaves no more$/),
        expect.stringMatching(/another\.spool\.sqlite cannot be read: /),
      ],
    });
  expect(await (await fetch(`${ingest.adminUrl}/metrics`)).text()).toMatch(/ingest_spool_room_bytes 0$/m);
  ownRedis.kill("SIGKILL");
  const body = JSON.stringify({ modelId: randomUUID() });
  const headers = { "content-type": "application/json" };
  const { status } = await fetch(`${ingest.url}/v1/views`, { method: "POST", body, headers });
  expect(status).toBe(503);
  // When it is logged, the first has been looked at again.
  await breakSpool("later.spool.sqlite");
  const broken = (name: string) =>
    ingest.logged.filter((line) => line.includes("cannot read a spool") && line.includes(name));
  await expect.poll(() => broken("later")).toHaveLength(1);
  expect(broken("another")).toHaveLength(1);
  expect(ingest.logged.filter((line) => line.includes("the spool takes 0.0 MB more"))).toHaveLength(1);
});

test("the views that wait in memory are limited, and more are refused with 503", async ({
  db,
  start,
  folder,
  ownRedis,
}) => {
  const env = { REDIS_URL: ownRedis.url, DATA_DIR: folder, VIEWS_WAITING_MAX: "2" };
  const [ingest, modelId] = [await start("ingest", env), await aModel(db)];
  ownRedis.kill("SIGSTOP");
  const body = JSON.stringify({ modelId });
  const headers = { "content-type": "application/json" };
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => fetch(`${ingest.url}/v1/views`, { method: "POST", body, headers })),
  );
  const statuses = new Set(answers.map(({ status }) => status));
  expect(statuses).toEqual(new Set([202, 503]));
  ownRedis.kill("SIGCONT");
});

test("the worker's metrics are available while Redis is away", async ({ start, folder, ownRedis }) => {
  const worker = await start("worker", { REDIS_URL: ownRedis.url, DATA_DIR: folder });
  ownRedis.kill("SIGKILL");
  await expect
    .poll(async () => (await fetch(`${worker.url}/metrics`)).text())
    .toContain("model_views_queue_up 0");
});
