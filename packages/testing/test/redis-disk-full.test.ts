import { execFile } from "node:child_process";
import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Db } from "@model-views/db/postgres/connect.ts";
import { unpackDebianRedis } from "@model-views/local-services/debian-redis.ts";
import { waitForExit } from "@model-views/local-services/processes.ts";
import { openLocalRedis } from "@model-views/local-services/redis.ts";
import { findRedisOnPath } from "@model-views/local-services/redis-binary.ts";
import { test } from "@model-views/testing/own-redis.ts";
import { aModel, aView } from "@model-views/testing/views.ts";
import { Redis } from "ioredis";
import { expect } from "vitest";

const log = () => {};
/** Of 512 bytes: the append-only file and the log. */
const FILE_BLOCKS_MAX = 1_000;

type Ready = { checks: Record<string, string> };
const durable = async (url: string) =>
  ((await (await fetch(`${url}/readyz`)).json()) as Ready).checks["durable"];

/** A Redis with an append-only file that cannot become larger, until it is given room. */
async function openSmallRedis(folder: string, dataDir: string) {
  const cacheDirs = [fileURLToPath(new URL("../../../.cache", import.meta.url))];
  const limited = async () => {
    const onPath = await findRedisOnPath(process.env);
    const binary =
      "refused" in onPath ? await unpackDebianRedis({ cacheDirs, log, env: process.env }) : onPath;
    if ("refused" in binary) return binary;
    const command = join(folder, "limited-redis");
    const script = `#!/bin/sh\ntrap '' XFSZ\nulimit -S -f ${FILE_BLOCKS_MAX}\nexec '${binary.command}' "$@"\n`;
    await writeFile(command, script);
    await chmod(command, 0o755);
    return { ...binary, command };
  };
  const redis = await openLocalRedis({ dataDir, log, ways: { onPath: limited } });
  return {
    ...redis,
    giveRoom: () => promisify(execFile)("prlimit", ["--pid", String(redis.pid), "--fsize=unlimited"]),
    async kill() {
      process.kill(redis.pid ?? 0, "SIGKILL");
      await waitForExit(redis.pid ?? 0, 5_000);
      await redis.stop();
    },
  };
}

/** Posts views until that ingest spools, and returns their ids. */
async function postUntilSpooling(ingest: { url: string; adminUrl: string }, modelId: string) {
  const accepted: string[] = [];
  while (!(await durable(ingest.adminUrl))?.startsWith("spooling")) {
    const views = Array.from({ length: 20 }, () => aView({ modelId }));
    const { status } = await fetch(`${ingest.url}/v1/views/batch`, {
      method: "POST",
      body: JSON.stringify({ views }),
      headers: { "content-type": "application/json" },
    });
    expect(status).toBe(202);
    accepted.push(...views.map(({ id }) => id));
  }
  expect(await durable(ingest.adminUrl)).toMatch(/spooling, because .*(MISCONF|append-only file)/);
  return accepted.sort();
}

const storedIn = async (db: Db) =>
  (await db.$client.query<{ id: string }>("select id from model_views order by id")).rows.map(({ id }) => id);

test("a Redis that is killed while the disk of its append-only file is full loses nothing that was acknowledged", async ({
  db,
  start,
  folder,
}) => {
  const dataDir = join(folder, "data");
  const small = await openSmallRedis(folder, dataDir);
  const ingest = await start("ingest", { REDIS_URL: small.url, DATA_DIR: join(folder, "ingest") });
  const accepted = await postUntilSpooling(ingest, await aModel(db));
  await small.kill();
  const large = await openLocalRedis({ dataDir, log });
  await start("worker", { REDIS_URL: large.url });
  await expect.poll(() => storedIn(db), { timeout: 30_000 }).toEqual(accepted);
  const metrics = await (await fetch(`${ingest.adminUrl}/metrics`)).text();
  expect(metrics).toMatch(/model_views_ingest_doubted_batches_total [1-9]/);
  await large.stop();
});

test.skipIf(process.platform !== "linux")(
  "a Redis whose disk was full, and that is killed when it has room again, starts with all that was acknowledged",
  async ({ db, start, folder }) => {
    const dataDir = join(folder, "data");
    const small = await openSmallRedis(folder, dataDir);
    const redis = new Redis(small.url);
    // Without having done so since its start, Redis would notice where its file ends.
    await redis.bgrewriteaof();
    await expect.poll(() => redis.info("persistence")).toContain("aof_rewrites:1");
    const ingest = await start("ingest", { REDIS_URL: small.url, DATA_DIR: join(folder, "ingest") });
    const accepted = await postUntilSpooling(ingest, await aModel(db));
    await small.giveRoom();
    await expect.poll(() => durable(ingest.adminUrl)).toBe("ok");
    redis.disconnect();
    await small.kill();
    const large = await openLocalRedis({ dataDir, log });
    await start("worker", { REDIS_URL: large.url });
    await expect.poll(() => storedIn(db), { timeout: 30_000 }).toEqual(accepted);
    await large.stop();
  },
);
