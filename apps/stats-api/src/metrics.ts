import type { Refusal } from "@model-views/shared/http/refusals.ts";
import { Counter, Gauge, type Registry } from "prom-client";
import type { CacheRead, CacheWrite } from "./cache/answer-cache.ts";

/** How many connections a pool has, and how many requests wait for one. */
type Connections = { totalCount: number; idleCount: number; waitingCount: number };

export type StatsMetrics = {
  onShared: () => void;
  onRead: (result: CacheRead) => void;
  onWrite: (result: CacheWrite) => void;
  onRefusal: (refusal: Pick<Refusal, "status" | "reason">) => void;
  onWrongKey: () => void;
};

/** The metrics of the stats API, besides those of Node.js. */
export function createStatsMetrics(
  registers: Registry[],
  pools: Readonly<Record<string, Connections>>,
): StatsMetrics {
  new Gauge({
    name: "model_views_stats_connections",
    help: "Connections to PostgreSQL that are in use or idle, and requests that wait for one",
    labelNames: ["pool", "state"],
    registers,
    collect() {
      for (const [pool, { totalCount, idleCount, waitingCount }] of Object.entries(pools)) {
        this.set({ pool, state: "in_use" }, totalCount - idleCount);
        this.set({ pool, state: "idle" }, idleCount);
        this.set({ pool, state: "waiting" }, waitingCount);
      }
    },
  });
  const shared = new Counter({
    name: "model_views_stats_shared_answers_total",
    help: "Requests that shared the answer of an identical one under way",
    registers,
  });
  const reads = new Counter({
    name: "model_views_stats_cache_reads_total",
    help: "Reads of cached answers about periods: fresh, stale, miss, invalid, or failed (Redis failed or was not asked)",
    labelNames: ["result"],
    registers,
  });
  const writes = new Counter({
    name: "model_views_stats_cache_writes_total",
    help: "Writes of answers about periods: kept, late, too_large, too_many, refused (by Redis) or failed",
    labelNames: ["result"],
    registers,
  });
  const refused = new Counter({
    name: "model_views_stats_refused_requests_total",
    help: "Requests that were answered with a problem, by status and reason",
    labelNames: ["status", "reason"],
    registers,
  });
  const wrongKeys = new Counter({
    name: "model_views_stats_wrong_keys_total",
    help: "Requests with a key that is none of STATS_KEYS and ADMIN_KEYS",
    registers,
  });
  return {
    onRefusal: ({ status, reason }) => refused.inc({ status, reason }),
    onWrongKey: () => wrongKeys.inc(),
    onShared: () => shared.inc(),
    onRead: (result) => reads.inc({ result }),
    onWrite: (result) => writes.inc({ result }),
  };
}
