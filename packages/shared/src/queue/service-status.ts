import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import type { Redis } from "ioredis";
import type { Registry } from "prom-client";
import { z } from "zod";
import { type ServiceStatus, serviceStatusSchema } from "../contracts/pipeline.ts";
import { VIEWS_QUEUE } from "../contracts/views-queue.ts";
import type { Readiness } from "../http/health.ts";
import type { Logger } from "../runtime/logger.ts";
import { throttle } from "../runtime/throttle.ts";

/** Milliseconds between two statuses of a process, and until one that is not renewed is gone. */
const PUBLISH_MS = 10_000;
const GONE_MS = 30_000;
/** Processes that are read: the ones whose status is the newest. */
const PROCESSES_MAX = 200;
/** Milliseconds until the id of a process that has ended is removed. */
const FORGET_MS = 24 * 3_600_000;

/** At most one log line in this time: while Redis is away, other lines say so. */
const LOG_MS = 600_000;

const INDEX = `${VIEWS_QUEUE.prefix}:services`;
const keyOf = (id: string) => `${VIEWS_QUEUE.prefix}:service:${id}`;

export type StatusDeps = Pick<ServiceStatus, "service" | "version" | "settings"> & {
  redis: Pick<Redis, "set" | "zadd" | "zremrangebyscore">;
  readiness: () => Promise<Readiness>;
  /** Sums of metrics of the process, by the name that they have in the status. */
  counts: Readonly<Record<string, string>>;
  registry: Registry;
  logger: Logger;
};

/**
 * Publishes the status of this process in Redis every 10 s, for those who look at the whole system. Nothing waits for it, and a
 * failure has no effect on the service.
 *
 * @returns stops it.
 */
export function publishStatus(deps: StatusDeps): () => void {
  const { redis, readiness, counts, registry, logger, ...of } = deps;
  const fixed = {
    ...of,
    id: `${hostname()}:${process.pid}:${randomUUID().slice(0, 8)}`,
    startedAt: new Date().toISOString(),
  };
  const onError = throttle(LOG_MS, (error: unknown) =>
    logger.warn({ err: error }, "the status of this process cannot be published: others do not see it"),
  );
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;

  async function publish(): Promise<void> {
    try {
      const { status, checks, warnings = [] } = await readiness();
      const failing = Object.entries(checks).filter(([, text]) => status !== "ok" && text !== "ok");
      const published: ServiceStatus = {
        ...fixed,
        seenAt: new Date().toISOString(),
        isReady: status === "ok",
        problems: [...failing.map(([check, text]) => `${check}: ${text}`), ...warnings],
        counts: await countsOf(registry, counts),
      };
      await redis.set(keyOf(fixed.id), JSON.stringify(published), "PX", GONE_MS);
      await redis.zadd(INDEX, Date.now(), fixed.id);
      // Ingest needs no right to remove anything.
      if (fixed.service === "worker") await redis.zremrangebyscore(INDEX, "-inf", Date.now() - FORGET_MS);
    } catch (error) {
      onError(error);
    }
    if (!isStopped) timer = setTimeout(publish, PUBLISH_MS).unref();
  }

  void publish();
  return () => {
    isStopped = true;
    clearTimeout(timer);
  };
}

/** The sum of each metric, over its labels. */
async function countsOf(registry: Registry, names: StatusDeps["counts"]): Promise<ServiceStatus["counts"]> {
  const sums = Object.entries(names).map(async ([name, metric]) => {
    const found = await registry.getSingleMetric(metric)?.get();
    return [name, found?.values.reduce((sum, { value }) => sum + value, 0) ?? 0] as const;
  });
  return Object.fromEntries(await Promise.all(sums));
}

/** The processes that run now, and those of another version that write what cannot be read: left out. By service, then by start. */
export async function readStatuses(redis: Pick<Redis, "zrevrange" | "mget">): Promise<ServiceStatus[]> {
  const ids = await redis.zrevrange(INDEX, 0, PROCESSES_MAX - 1);
  if (ids.length === 0) return [];
  const texts = await redis.mget(ids.map(keyOf));
  return texts
    .flatMap((text) => (text === null ? [] : (statusText.safeParse(text).data ?? [])))
    .sort((a, b) => a.service.localeCompare(b.service) || a.startedAt.localeCompare(b.startedAt));
}

const statusText = z
  .string()
  .transform((text, context) => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      context.addIssue({ code: "custom", message: "is not JSON" });
      return z.NEVER;
    }
  })
  .pipe(serviceStatusSchema);
