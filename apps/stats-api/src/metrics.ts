import type { Refusal } from "@model-views/shared/http/refusals.ts";
import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import type { CacheRead, CacheWrite } from "./cache/answer-cache.ts";
import type { ConcurrencyLimitEvents } from "./cache/concurrency-limit.ts";
import type { LimitName } from "./cache/limits.ts";

/** Seconds. The longest wait is 20. */
const WAIT_BUCKETS = [0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20];

/** How many connections a pool has, and how many requests wait for one. */
type Connections = { totalCount: number; idleCount: number; waitingCount: number };

export type StatsMetrics = {
  onShared: () => void;
  onRead: (result: CacheRead) => void;
  onWrite: (result: CacheWrite) => void;
  onRefusal: (refusal: Pick<Refusal, "status" | "reason">) => void;
  onWrongKey: () => void;
  /** What a limit of questions reports. */
  eventsOf: (limit: LimitName) => ConcurrencyLimitEvents;
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
  const waiting = new Gauge({
    name: "model_views_stats_waiting_questions",
    help: "Questions that wait for their turn: to read the views, or for a connection",
    labelNames: ["limit"],
    registers,
  });
  const waits = new Histogram({
    name: "model_views_stats_question_wait_seconds",
    help: "How long questions waited for their turn, and how the wait ended: asked, refused, or left by all readers",
    labelNames: ["limit", "end"],
    buckets: WAIT_BUCKETS,
    registers,
  });
  const refusedQuestions = new Counter({
    name: "model_views_stats_refused_questions_total",
    help: "Questions that were refused: too_many wait already, or it waited too_long",
    labelNames: ["limit", "reason"],
    registers,
  });
  return {
    eventsOf(limit) {
      waiting.set({ limit }, 0);
      for (const reason of ["too_many", "too_long"]) refusedQuestions.inc({ limit, reason }, 0);
      return {
        onWait() {
          waiting.inc({ limit });
          const observe = waits.startTimer({ limit });
          return (end) => {
            waiting.dec({ limit });
            observe({ end });
          };
        },
        onRefused: (reason) => refusedQuestions.inc({ limit, reason }),
      };
    },
    onRefusal: ({ status, reason }) => refused.inc({ status, reason }),
    onWrongKey: () => wrongKeys.inc(),
    onShared: () => shared.inc(),
    onRead: (result) => reads.inc({ result }),
    onWrite: (result) => writes.inc({ result }),
  };
}
