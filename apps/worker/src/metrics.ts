import { VIEWS_QUEUE } from "@model-views/shared/contracts/views-queue.ts";
import type { Queue } from "bullmq";
import { Counter, Gauge, Histogram, type Registry } from "prom-client";

export type WorkerMetrics = {
  recorded: Counter<"result">;
  insertViews: Histogram;
  insertSeconds: Histogram;
  lagSeconds: Histogram;
  promoted: Counter;
  putBack: Counter;
  maintainedAt: Gauge<"task">;
  maintenanceFailed: Counter<"task">;
  failedJobs: Counter;
};

/** What the worker counts in addition to Node's own metrics. */
export function createWorkerMetrics(queue: Queue, registers: Registry[]): WorkerMetrics {
  new Gauge({
    name: "model_views_queue_up",
    help: "1 while Redis answers about the queue",
    registers,
    async collect() {
      this.set(
        await queue.getJobCounts("waiting").then(
          () => 1,
          () => 0,
        ),
      );
    },
  });
  new Gauge({
    name: "model_views_queue_jobs",
    help: "Jobs on the queue, by state; each holds 1 to 500 views",
    labelNames: ["queue", "state"],
    registers,
    async collect() {
      this.reset();
      try {
        const counts = await queue.getJobCounts("waiting", "active", "delayed", "failed");
        for (const [state, count] of Object.entries(counts)) {
          this.set({ queue: VIEWS_QUEUE.name, state }, count);
        }
      } catch {
        // Redis does not answer: the queue has no values, and the other metrics are still reported.
      }
    },
  });
  return {
    promoted: new Counter({
      name: "model_views_worker_promoted_jobs_total",
      help: "Jobs that a wrong clock had delayed for too long, and that were moved back to the waiting jobs",
      registers,
    }),
    putBack: new Counter({
      name: "model_views_worker_put_back_jobs_total",
      help: "Jobs that were on no list, because Redis stopped a script in the middle, and that were put back",
      registers,
    }),
    maintainedAt: new Gauge({
      name: "model_views_maintained_timestamp_seconds",
      help: "When each maintenance task last succeeded in this process",
      labelNames: ["task"],
      registers,
    }),
    maintenanceFailed: new Counter({
      name: "model_views_maintenance_failed_total",
      help: "Maintenance tasks that failed in this process, and are tried again",
      labelNames: ["task"],
      registers,
    }),
    failedJobs: new Counter({
      name: "model_views_worker_failed_jobs_total",
      help: "Jobs that could not be understood completely, and are kept as failed",
      registers,
    }),
    recorded: new Counter({
      name: "model_views_worker_views_total",
      help: "Views that were recorded, by their result",
      labelNames: ["result"],
      registers,
    }),
    insertViews: new Histogram({
      name: "model_views_worker_insert_views",
      help: "Views in each INSERT",
      buckets: [1, 5, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000],
      registers,
    }),
    lagSeconds: new Histogram({
      name: "model_views_worker_lag_seconds",
      help: "Time of each job from ingest's putting it on the queue, by ingest's clock, to the commit, by this process's",
      buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800],
      registers,
    }),
    insertSeconds: new Histogram({
      name: "model_views_worker_insert_seconds",
      help: "Time of each INSERT, from waiting for a connection to the commit",
      registers,
    }),
  };
}
