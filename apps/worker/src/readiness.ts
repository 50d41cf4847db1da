import type { ReadinessCheck } from "@model-views/shared/http/health.ts";
import { requireConnection } from "@model-views/shared/queue/redis.ts";
import { mayWork } from "@model-views/shared/queue/redis-rights.ts";
import type { Redis } from "ioredis";
import { failureText } from "./recording/batch-recorder.ts";
import type { Breaker } from "./recording/circuit-breaker.ts";
import type { ProgressWatch } from "./recording/watch-progress.ts";

export type WorkerReadinessDeps = {
  /** Rejects when PostgreSQL does not answer, or does not grant the rights that we need. */
  askPostgres: () => Promise<unknown>;
  redis: Redis;
  breaker: Breaker;
  progress: ProgressWatch;
  /** Number of failed jobs. Rejects while Redis is away. */
  failedJobs: () => Promise<number>;
  isDropping: () => boolean;
  /** What is to be done about a REPORTING_TIME_ZONE that is not the zone of the days. Rejects while PostgreSQL is away. */
  otherZone: () => Promise<string | undefined>;
};

/** The checks that must succeed for the worker to be ready. Each rejects with the reason if it fails. */
export function workerReadiness(deps: WorkerReadinessDeps): Record<string, ReadinessCheck> {
  const { askPostgres, redis, breaker, progress, failedJobs, isDropping, otherZone } = deps;
  return {
    async postgres() {
      await askPostgres();
      return "ok";
    },
    async redis() {
      await mayWork(redis, "worker");
      return "ok";
    },
    async recording() {
      const because = breaker.openBecause();
      if (because !== undefined) throw new Error(`paused, nothing is lost: ${failureText(because)}`);
      return "ok";
    },
    /** The worker works all the same, but an operator has to look at them. */
    async failedJobs() {
      requireConnection(redis);
      const jobs = await failedJobs();
      return jobs === 0 ? "ok" : `${jobs} failed jobs hold views: npm run failed-jobs says which`;
    },
    async unknownModels() {
      return isDropping()
        ? "more views of models that do not exist than are kept: unkept_views counts the others (UNKNOWN_MODEL_VIEWS_MAX)"
        : "ok";
    },
    async reportingZone() {
      return (await otherZone()) ?? "ok";
    },
    async progress() {
      const stuckMs = progress.stuckMs();
      if (stuckMs > 0)
        throw new Error(`no job was done for ${Math.round(stuckMs / 1_000)} s, though some wait`);
      return "ok";
    },
  };
}
