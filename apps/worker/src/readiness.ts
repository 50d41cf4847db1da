import type { ReadinessCheck } from "@model-views/shared/health.ts";
import { mayWork } from "@model-views/shared/redis-rights.ts";
import type { Redis } from "ioredis";
import type { Breaker } from "./breaker.ts";
import { inWords } from "./recorder.ts";
import type { ProgressWatch } from "./watch-progress.ts";

export type WorkerReadinessDeps = {
  /** Rejects when PostgreSQL does not answer. */
  askPostgres: () => Promise<unknown>;
  redis: Redis;
  breaker: Breaker;
  progress: ProgressWatch;
};

/** What has to work for the worker to work: each says what is wrong. */
export function workerReadiness(deps: WorkerReadinessDeps): Record<string, ReadinessCheck> {
  const { askPostgres, redis, breaker, progress } = deps;
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
    async progress() {
      const stuckMs = progress.stuckMs();
      if (stuckMs > 0)
        throw new Error(`no job was done for ${Math.round(stuckMs / 1_000)} s, though some wait`);
      return "ok";
    },
  };
}
