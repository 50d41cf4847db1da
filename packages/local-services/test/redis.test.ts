import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import type { Adapter } from "../src/local-server.ts";
import { isAlive, waitForExit } from "../src/processes.ts";
import { openLocalRedis } from "../src/redis.ts";
import { openServer } from "../src/server.ts";
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

test.for([
  ["of this folder is stopped", { isHere: true }],
  ["of another folder is neither stopped nor reported", { isHere: false }],
] as const)(
  "a process that a server names as its own and that is %s",
  async ([, { isHere }], { folder, dataDir }) => {
    const served = join(folder, "served");
    await mkdir(served);
    const other = spawn("sleep", ["1000"], { cwd: isHere ? served : folder });
    await once(other, "spawn");
    const adapter: Pick<
      Adapter<object>,
      "folder" | "pidFile" | "lastPort" | "asksWithoutProcess" | "ask" | "whenReady" | "url" | "stopSteps"
    > = {
      folder: () => served,
      pidFile: () => join(dataDir, "no.pid"),
      lastPort: async () => 1,
      asksWithoutProcess: true,
      ask: async () => ({ kind: "ready", pid: other.pid ?? 0 }),
      whenReady: async () => {},
      url: (port) => `server://127.0.0.1:${port}`,
      stopSteps: [["SIGTERM", 5_000]],
    };
    const kind = { name: "Server", id: "server", adapt: async () => adapter as Adapter<object> };
    const server = await openServer(kind, { dataDir, own: true, log: () => {} });
    expect(server).toMatchObject({ source: "running", pid: isHere ? other.pid : null });
    await server.stop();
    expect(isAlive(other.pid ?? 0)).toBe(!isHere);
    other.kill();
  },
);

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
