import { randomUUID } from "node:crypto";
import type { Enqueue } from "@model-views/shared/enqueue.ts";
import type { Logger } from "@model-views/shared/logger.ts";
import { takesWrites } from "@model-views/shared/redis.ts";
import type { Redis } from "ioredis";
import { type AcceptBatches, acceptBatches } from "./accept-batches.ts";
import { adoptOrphans, spoolFile } from "./orphans.ts";
import { memoryPressure, redisFacts, wrongPolicy } from "./redis-health.ts";
import { openSpool } from "./spool.ts";

export type OpenDurableOptions = {
  enqueue: Enqueue;
  redis: Redis;
  /** Folder of the spools. */
  folder: string;
  bytesMax: number;
  logger: Logger;
};

/** The queue with a spool behind it, on a file of this process's own. */
export function openDurable({ enqueue, redis, folder, bytesMax, logger }: OpenDurableOptions): AcceptBatches {
  const spool = openSpool(spoolFile(folder, randomUUID()), { bytesMax });
  const mine = new Set([spool.file]);
  return acceptBatches({
    enqueue,
    probe: () => probe(redis),
    spool,
    adopt() {
      const adopted = adoptOrphans(folder, {
        mine,
        bytesMax,
        onBroken: (file, error) => logger.error({ err: error, file }, "cannot read a spool"),
      });
      for (const { file, state } of adopted) {
        mine.add(file);
        logger.info({ file, ...state() }, "adopted the spool of a process that is gone");
      }
      return adopted;
    },
    onBreaker(reason) {
      if (reason === undefined) logger.info("Redis takes views again, draining the spool");
      else logger.error({ reason }, "Redis cannot take views, spooling them");
    },
    onError: (error) => logger.error({ err: error }, "cannot drain the spool"),
  });
}

/** Rejects unless Redis takes writes and has room. */
async function probe(redis: Redis): Promise<void> {
  if (redis.status !== "ready") throw new Error("there is no connection to Redis");
  await takesWrites(redis);
  const pressure = memoryPressure(await redisFacts(redis));
  if (pressure !== undefined) throw new Error(pressure);
}

/**
 * Ready is whoever can make views durable, also while Redis is away. A Redis that may forget views is no place for
 * them.
 */
export async function readiness(durable: AcceptBatches, redis: Redis): Promise<string> {
  const { batches, bytes } = durable.spooled();
  const because = durable.openBecause();
  if (because !== undefined)
    return `spooling, because ${because}; ${batches} batches, ${bytes} bytes on disk`;
  const wrong = wrongPolicy(await redisFacts(redis));
  if (wrong !== undefined) throw new Error(wrong);
  return batches === 0 ? "ok" : `draining the spool; ${batches} batches, ${bytes} bytes on disk`;
}
