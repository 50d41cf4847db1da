import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { watchRedis } from "@model-views/shared/queue/redis-info.ts";
import { test } from "@model-views/testing/own-redis.ts";
import type { Redis } from "ioredis";
import { expect } from "vitest";
import { rewriteAof } from "../src/maintenance/rewrite-aof.ts";
import { maintenanceKey } from "../src/maintenance/schedule.ts";

const rewrite = (redis: Redis) => rewriteAof({ redis, facts: watchRedis(redis, () => {}).look });

/** All that is in the files of an append-only Redis. */
async function onDisk(folder: string): Promise<string> {
  const entries = await readdir(join(folder, "redis"), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return (await Promise.all(files.map((file) => readFile(file, "latin1").catch(() => "")))).join("\n");
}

test("what was deleted is gone from Redis' disk once a worker has come by", async ({
  start,
  ownRedis,
  folder,
}) => {
  const redis = ownRedis.client();
  await redis.set("of an erased viewer", "the viewer's secret");
  await redis.del("of an erased viewer");
  expect(await onDisk(folder)).toContain("the viewer's secret");
  // Due, as it is once a day.
  await redis.set(maintenanceKey("rewrite-aof"), "1");
  const worker = await start("worker", { REDIS_URL: ownRedis.url });
  await expect.poll(() => onDisk(folder)).not.toContain("the viewer's secret");
  expect(worker.logged.filter((line) => line.includes("rewrites its append-only file"))).toHaveLength(1);
});

test("a Redis without such a file is left without", async ({ ownRedis }) => {
  const redis = ownRedis.client();
  await redis.config("SET", "appendonly", "no");
  expect(await rewrite(redis)).toBeUndefined();
});

test("a user who may not is told so, and that is no failure", async ({ ownRedis }) => {
  const redis = ownRedis.client();
  await redis.call("ACL", "SETUSER", "default", "-bgrewriteaof");
  expect(await rewrite(redis)).toMatch(/\+bgrewriteaof/);
});
