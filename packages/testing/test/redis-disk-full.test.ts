import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { unpackDebianRedis } from "@model-views/local-services/debian-redis.ts";
import { waitForExit } from "@model-views/local-services/processes.ts";
import { openLocalRedis } from "@model-views/local-services/redis.ts";
import { findRedisOnPath } from "@model-views/local-services/redis-binary.ts";
import { test } from "@model-views/testing/own-redis.ts";
import { aModel, aView } from "@model-views/testing/views.ts";
import { expect } from "vitest";

const log = () => {};
/** Of 512 bytes: the append-only file and the log. */
const FILE_BLOCKS_MAX = 1_000;

type Ready = { checks: Record<string, string> };
const durable = async (url: string) =>
  ((await (await fetch(`${url}/readyz`)).json()) as Ready).checks["durable"];

test("a Redis that is killed while the disk of its append-only file is full loses nothing that was acknowledged", async ({
  db,
  start,
  folder,
}) => {
  const cacheDirs = [fileURLToPath(new URL("../../../.cache", import.meta.url))];
  const limited = async () => {
    const onPath = await findRedisOnPath(process.env);
    const binary =
      "refused" in onPath ? await unpackDebianRedis({ cacheDirs, log, env: process.env }) : onPath;
    if ("refused" in binary) return binary;
    const command = join(folder, "limited-redis");
    const script = `#!/bin/sh\ntrap '' XFSZ\nulimit -f ${FILE_BLOCKS_MAX}\nexec '${binary.command}' "$@"\n`;
    await writeFile(command, script);
    await chmod(command, 0o755);
    return { ...binary, command };
  };
  const dataDir = join(folder, "data");
  const small = await openLocalRedis({ dataDir, log, ways: { onPath: limited } });
  const ingest = await start("ingest", { REDIS_URL: small.url, DATA_DIR: join(folder, "ingest") });
  const modelId = await aModel(db);
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
  process.kill(small.pid ?? 0, "SIGKILL");
  await waitForExit(small.pid ?? 0, 5_000);
  await small.stop();
  const large = await openLocalRedis({ dataDir, log });
  await start("worker", { REDIS_URL: large.url });
  const stored = async () =>
    (await db.$client.query<{ id: string }>("select id from model_views order by id")).rows.map(
      ({ id }) => id,
    );
  await expect.poll(stored, { timeout: 30_000 }).toEqual(accepted.sort());
  const metrics = await (await fetch(`${ingest.adminUrl}/metrics`)).text();
  expect(metrics).toMatch(/model_views_ingest_doubted_batches_total [1-9]/);
  await large.stop();
});
