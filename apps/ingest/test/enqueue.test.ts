import { randomUUID } from "node:crypto";
import { PAYLOAD_VERSION, VIEWS_QUEUE } from "@model-views/shared/contracts/views-queue.ts";
import { type Batch, openViewsQueue } from "@model-views/shared/queue/enqueue.ts";
import { test as base } from "@model-views/testing/own-redis.ts";
import { aView } from "@model-views/testing/views.ts";
import { describe, expect } from "vitest";

const KEY = `${VIEWS_QUEUE.prefix}:${VIEWS_QUEUE.name}`;
const aBatch = (): Batch => ({
  jobId: randomUUID(),
  payload: { v: PAYLOAD_VERSION, views: [aView({ modelId: randomUUID() })] },
});

describe("a batch that is put on the queue again", () => {
  base("is there once, when it was there", async ({ ownRedis }) => {
    const redis = ownRedis.client();
    const queue = openViewsQueue(redis);
    const batch = aBatch();
    const text = await queue.enqueue(batch);
    await queue.enqueue(batch, { isAgain: true });
    expect(text).toBe(await redis.hget(`${KEY}:${batch.jobId}`, "data"));
    expect(await redis.lrange(`${KEY}:wait`, 0, -1)).toEqual([batch.jobId]);
    await queue.close();
  });

  base("is there, when Redis had stopped in the middle for want of a right", async ({ ownRedis }) => {
    const redis = ownRedis.client();
    const queue = openViewsQueue(redis);
    const batch = aBatch();
    await redis.acl("SETUSER", "default", "-lpush");
    await expect(queue.enqueue(batch)).rejects.toThrow(/can't run this command/);
    await redis.acl("SETUSER", "default", "+@all");
    await queue.enqueue(batch, { isAgain: true });
    const [id = ""] = await redis.lrange(`${KEY}:wait`, 0, -1);
    expect(JSON.parse((await redis.hget(`${KEY}:${id}`, "data")) ?? "")).toEqual(batch.payload);
    await queue.close();
  });
});
