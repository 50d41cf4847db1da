import type { ReadinessCheck } from "@model-views/shared/http/health.ts";
import { mayWork } from "@model-views/shared/queue/redis-rights.ts";
import type { Redis } from "ioredis";
import { inWords } from "./recording/batch-recorder.ts";
import type { Breaker } from "./recording/circuit-breaker.ts";
import type { ProgressWatch } from "./recording/watch-progress.ts";

export type WorkerReadinessDeps = {
  /** Rejects when PostgreSQL does not answer, or does not let us do what we do. */
  askPostgres: () => Promise<unknown>;
  redis: Redis;
  breaker: Breaker;
  progress: ProgressWatch;
  /** Jobs that are kept as failed; rejects when Redis does not say. */
  failedJobs: () => Promise<number>;
  leavesOut: () => boolean;
};

/** What has to work for the worker to work: each says what is wrong. */
export function workerReadiness(deps: WorkerReadinessDeps): Record<string, ReadinessCheck> {
  const { askPostgres, redis, breaker, progress, failedJobs, leavesOut } = deps;
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
      if (because !== undefined) throw new Error(`paused, nothing is lost: ${inWords(because)}`);
      return "ok";
    },
    /** The worker works all the same; somebody has to look at them. */
    async failedJobs() {
      const jobs = await failedJobs();
      return jobs === 0 ? "ok" : `${jobs} failed jobs hold views: npm run failed-jobs says which`;
    },
    async unknownModels() {
      return leavesOut()
        ? "more views of models that do not exist than are kept: unkept_views counts the others (UNKNOWN_MODEL_VIEWS_MAX)"
        : "ok";
    },
    async progress() {
      const stuckMs = progress.stuckMs();
      if (stuckMs > 0)
        throw new Error(`no job was done for ${Math.round(stuckMs / 1_000)} s, though some wait`);
      return "ok";
    },
  };
}
