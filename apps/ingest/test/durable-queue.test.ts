import { randomUUID } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { VIEWS_QUEUE } from "@model-views/shared/contracts/views-queue.ts";
import type { Batch } from "@model-views/shared/queue/enqueue.ts";
import { settled } from "@model-views/shared/queue/redis.ts";
import { createLogger } from "@model-views/shared/runtime/logger.ts";
import { test } from "@model-views/testing/own-redis.ts";
import { aView } from "@model-views/testing/views.ts";
import { expect } from "vitest";
import { openDurableQueue } from "../src/spool/durable-queue.ts";

test("what Redis may have lost is spooled as soon as there is room for it", async ({ ownRedis, folder }) => {
  const redis = ownRedis.client();
  await settled(redis);
  const queued: string[] = [];
  const doubted: number[] = [];
  let away = false;
  // It looks like another ingest's, and leaves no space for this one's.
  const other = join(folder, "another.spool.sqlite-wal");
  await writeFile(other, "x".repeat(10_000));
  const durable = openDurableQueue({
    async enqueue({ payload }: Batch) {
      if (away) throw new Error("Redis is away");
      queued.push(...payload.views.map(({ id }) => id));
      return JSON.stringify(payload);
    },
    redis,
    folder,
    bytesMax: 5_000,
    logger: createLogger({ service: "test", level: "silent" }),
    onDoubted: (batches) => doubted.push(batches),
  });
  const view = aView();
  const noRoom = expect.stringContaining("SPOOL_BYTES_MAX leaves no more");
  await expect.poll(() => durable.warnings()).toContainEqual(noRoom);
  await durable.accept([view]);
  away = true;
  await expect(durable.accept([aView()]), "neither queued nor spooled").rejects.toThrow();
  expect(durable.warnings()).toContainEqual(expect.stringContaining("Redis may have lost it"));
  expect(doubted).toEqual([]);
  await rm(other);
  await expect.poll(() => doubted).toEqual([1]);
  expect(durable.warnings()).not.toContainEqual(expect.stringContaining("Redis may have lost it"));
  away = false;
  await expect.poll(() => queued).toEqual([view.id, view.id]);
  await durable.stop();
});

/** Makes a service throw, outside of every handler, just after a request with this header has arrived. */
const THROWS_AT_HEADER = `data:text/javascript,${encodeURIComponent(`
  import { subscribe } from "node:diagnostics_channel";
  subscribe("http.server.request.start", ({ request }) => {
    if (request.headers["x-throw"] !== undefined) setImmediate(() => { throw new Error("a bug"); });
  });`)}`;

test("a view that waits in memory when an error is not caught is stored and acknowledged, and then ingest ends", async ({
  start,
  redis,
}) => {
  const ingest = await start("ingest", { NODE_OPTIONS: `--import=${THROWS_AT_HEADER}` });
  const response = await fetch(`${ingest.url}/v1/views`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Throw": "1" },
    body: JSON.stringify({ modelId: randomUUID() }),
  });
  expect(response.status).toBe(202);
  expect(await ingest.exited).toBe(1);
  expect(await redis.llen(`${VIEWS_QUEUE.prefix}:${VIEWS_QUEUE.name}:wait`)).toBe(1);
  expect(ingest.logged.filter((line) => /uncaught error, closing|"closed"/.test(line))).toHaveLength(2);
});

test("an error that is not caught while the spool is full: the view in memory is refused, and the spooled ones stay", async ({
  start,
  ownRedis,
  folder,
}) => {
  const env = { REDIS_URL: ownRedis.url, DATA_DIR: join(folder, "data") };
  const throwing = { ...env, SPOOL_BYTES_MAX: "1000000", NODE_OPTIONS: `--import=${THROWS_AT_HEADER}` };
  const ingest = await start("ingest", throwing);
  ownRedis.kill("SIGKILL");
  const post = (views: object[], headers = {}) =>
    fetch(`${ingest.url}/v1/views/batch`, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...headers },
      body: JSON.stringify({ views }),
    });
  const accepted: string[] = [];
  for (;;) {
    const views = Array.from({ length: 500 }, () => aView());
    const { status } = await post(views);
    if (status === 503) break;
    expect(status).toBe(202);
    accepted.push(...views.map(({ id }) => id));
  }
  expect(accepted.length).toBeGreaterThan(0);

  const refused = Array.from({ length: 500 }, () => aView());
  expect((await post(refused, { "X-Throw": "1" })).status).toBe(503);
  expect(await ingest.exited).toBe(1);
  expect(ingest.logged.filter((line) => /uncaught error, closing|"closed"/.test(line))).toHaveLength(2);

  await ownRedis.start();
  await start("ingest", env);
  const [queue, redis] = [`${VIEWS_QUEUE.prefix}:${VIEWS_QUEUE.name}`, ownRedis.client()];
  const queued = async () => {
    const jobs = await redis.lrange(`${queue}:wait`, 0, -1);
    const texts = await Promise.all(jobs.map((id) => redis.hget(`${queue}:${id}`, "data")));
    return texts.flatMap((text) => JSON.parse(text ?? "").views.map(({ id }: { id: string }) => id)).sort();
  };
  await expect.poll(queued).toEqual(accepted.sort());
});
