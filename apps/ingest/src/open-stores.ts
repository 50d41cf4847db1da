import { resolve } from "node:path";
import type { ViewEvent } from "@model-views/shared/contracts/view-event.ts";
import { BATCH_VIEWS_MAX } from "@model-views/shared/contracts/views.ts";
import { openViewsQueue } from "@model-views/shared/queue/enqueue.ts";
import { connectFailingFast, redisTime, settled } from "@model-views/shared/queue/redis.ts";
import { type Batcher, createBatcher } from "@model-views/shared/runtime/batcher.ts";
import { type ClockWatch, watchClocks } from "@model-views/shared/runtime/clock-watch.ts";
import type { Logger } from "@model-views/shared/runtime/logger.ts";
import { showClocks } from "@model-views/shared/runtime/metrics.ts";
import type { Redis } from "ioredis";
import type { Registry } from "prom-client";
import type { IngestConfig } from "./config.ts";
import { createIngestMetrics, type IngestMetrics } from "./metrics.ts";
import { type DurableQueue, openDurableQueue } from "./spool/durable-queue.ts";
import { type DailySalts, openDailySalts } from "./viewer/daily-salts.ts";

/** Everything that ingest opens before it listens. Each is closed by one of the steps in main.ts. */
export type Stores = {
  batcher: Batcher<ViewEvent[]>;
  durable: DurableQueue;
  salts: DailySalts;
  clocks: ClockWatch;
  metrics: IngestMetrics;
  /** Closes the queue and the connection to Redis, in this order. */
  queue: { close: () => Promise<void> };
  redis: Redis;
};

/** Connects to Redis, and opens the queue with its spool and the daily salts. Does not fail if Redis is away. */
export async function openStores(
  config: IngestConfig,
  { logger, registry }: { logger: Logger; registry: Registry },
): Promise<Stores> {
  const redis = connectFailingFast(config.REDIS_URL, logger);
  // Otherwise the first views would find no connection yet, and be spooled.
  await settled(redis);
  const salts = openDailySalts({
    redis,
    now: () => new Date(),
    onError: (error) => logger.warn({ err: error }, "cannot agree upon the day's salt"),
  });
  await salts.start();
  const clocks = watchClocks({
    clocks: { Redis: () => redisTime(redis) },
    now: () => new Date(),
    onWrong: (warning) => logger.error(warning),
  });
  showClocks(clocks, [registry]);
  const queue = openViewsQueue(redis);
  const durable = openDurableQueue({
    enqueue: queue.enqueue,
    redis,
    folder: resolve(config.DATA_DIR, "spool"),
    bytesMax: config.SPOOL_BYTES_MAX,
    logger,
    onDoubted: (batches) => metrics.doubted.inc(batches),
  });
  const metrics = createIngestMetrics([registry], durable);
  const batcher = batchViews(durable, { metrics, viewsWaitingMax: config.VIEWS_WAITING_MAX });
  return { batcher, durable, salts, clocks, metrics, queue, redis };
}

/** Gathers the views of requests that arrive together into one job. */
function batchViews(
  durable: DurableQueue,
  { metrics, viewsWaitingMax }: { metrics: IngestMetrics; viewsWaitingMax: number },
): Batcher<ViewEvent[]> {
  return createBatcher<ViewEvent[]>({
    async write(groups, waitedMs) {
      const views = groups.flat();
      const to = await durable.accept(views, waitedMs);
      metrics.batchViews.observe(views.length);
      metrics.accepted.inc({ to }, views.length);
    },
    weigh: (views) => views.length,
    weightMax: BATCH_VIEWS_MAX,
    inFlightMax: 1,
    weightWaitingMax: viewsWaitingMax,
  });
}
