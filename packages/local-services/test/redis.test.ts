import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { isAlive, waitForExit } from "../src/processes.ts";
import { openLocalRedis } from "../src/redis.ts";
import { redisCall, test } from "./fixtures.ts";

const quick = { durable: false, log: () => {} };

test("a Redis that was killed is started again on the same address, with what it held", async ({
  dataDir,
}) => {
  const killed = await openLocalRedis({ dataDir, log: () => {} });
  await redisCall(killed.url, "set", "note", "kept");
  process.kill(killed.pid ?? 0, "SIGKILL");
  await waitForExit(killed.pid ?? 0, 5_000);
  const again = await openLocalRedis({ dataDir, ...quick });
  expect(again.url).toBe(killed.url);
  expect(await redisCall(again.url, "get", "note")).toBe("kept");
  await again.stop();
});

test("a pid file that names something else by now does not pass for Redis", async ({ dataDir }) => {
  const first = await openLocalRedis({ dataDir, ...quick });
  await first.stop();
  const other = spawn("sleep", ["1000"]);
  await once(other, "spawn");
  await writeFile(join(dataDir, "redis.pid"), `${other.pid}\n`);
  const second = await openLocalRedis({ dataDir, ...quick });
  expect(second.source).toBe("started");
  await second.stop();
  expect(isAlive(other.pid ?? 0)).toBe(true);
  other.kill();
});

test("a Redis whose pid file is gone is found, and can be stopped", async ({ dataDir }) => {
  const first = await openLocalRedis({ dataDir, ...quick });
  await rm(join(dataDir, "redis.pid"));
  const second = await openLocalRedis({ dataDir, ...quick, own: true });
  expect(second).toMatchObject({ pid: first.pid, source: "running" });
  await second.stop();
  expect(isAlive(first.pid ?? 0)).toBe(false);
});

test("a Redis that is there and does not answer is waited for, never doubled", async ({ dataDir }) => {
  const first = await openLocalRedis({ dataDir, ...quick });
  process.kill(first.pid ?? 0, "SIGSTOP");
  const { promise: waiting, resolve } = Promise.withResolvers<string>();
  const opening = openLocalRedis({ dataDir, durable: false, log: resolve });
  expect(await waiting).toContain(`process ${first.pid}`);
  process.kill(first.pid ?? 0, "SIGCONT");
  const second = await opening;
  expect(second).toMatchObject({ pid: first.pid, source: "running" });
  await first.stop();
  await second.stop();
  expect(isAlive(first.pid ?? 0)).toBe(false);
});

test("a paused Redis can be stopped", async ({ dataDir }) => {
  const redis = await openLocalRedis({ dataDir, ...quick });
  process.kill(redis.pid ?? 0, "SIGSTOP");
  await redis.stop();
  expect(isAlive(redis.pid ?? 0)).toBe(false);
});

test("where no way leads to a Redis, the error names all four, each with its reason", async ({
  folder,
  dataDir,
}) => {
  const bin = join(folder, "bin");
  await mkdir(bin);
  await writeFile(join(bin, "redis-server"), "#!/bin/sh\necho Redis server v=6.0.16 sha=00000000:0\n");
  await chmod(join(bin, "redis-server"), 0o755);
  const opening = openLocalRedis({
    dataDir,
    ...quick,
    env: { PATH: bin },
    ways: {
      container: async () => {
        throw new Error("no container engine answers");
      },
    },
  });
  await expect(opening).rejects.toThrow(
    /REDIS_URL.*on PATH: .*is version 6\.0, and 6\.2 or newer is needed.*neither Debian nor Ubuntu.*Docker: no container engine answers/s,
  );
});
