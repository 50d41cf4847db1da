import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Batch } from "@model-views/shared/queue/enqueue.ts";
import { settled } from "@model-views/shared/queue/redis.ts";
import { createLogger } from "@model-views/shared/runtime/logger.ts";
import { test } from "@model-views/testing/own-redis.ts";
import { aView } from "@model-views/testing/views.ts";
import { expect } from "vitest";
import { openDurable } from "../src/spool/open-durable.ts";

test("what Redis may have lost is spooled as soon as there is room for it", async ({ ownRedis, folder }) => {
  const redis = ownRedis.client();
  await settled(redis);
  const queued: string[] = [];
  const doubted: number[] = [];
  let away = false;
  // Of another ingest, as far as this one can see: there is no room for it beside.
  const other = join(folder, "another.spool.sqlite-wal");
  await writeFile(other, "x".repeat(10_000));
  const durable = openDurable({
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
