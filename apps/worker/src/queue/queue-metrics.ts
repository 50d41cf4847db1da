import { accounting } from "@model-views/db/pipeline/accounting.ts";
import { asking } from "@model-views/db/postgres/sql.ts";
import { readAccounts } from "@model-views/shared/queue/accounts.ts";
import { queueStatus } from "@model-views/shared/queue/queue-status.ts";
import { cachedFor } from "@model-views/shared/runtime/cached-for.ts";
import type { Redis } from "ioredis";
import type { Pool } from "pg";
import { Gauge, type Registry } from "prom-client";

/** Milliseconds for which scrapes share what was asked: the accounts keep Redis busy for some milliseconds. */
const SHARED_MS = 5_000;

/**
 * Shows how long the oldest batch has waited, and whether every view that was queued is recorded or still on the queue. Each worker
 * shows the same. While Redis or PostgreSQL does not answer, they have no values: other metrics say that.
 */
export function showQueue(
  { postgres, statusRedis }: { postgres: Pick<Pool, "query">; statusRedis: Redis },
  registers: Registry[],
): void {
  const ask = asking(postgres);
  const accounts = cachedFor(SHARED_MS, () => accounting(ask, () => readAccounts(statusRedis)));
  const status = cachedFor(SHARED_MS, () => queueStatus(statusRedis, new Date()));
  new Gauge({
    name: "model_views_queue_oldest_seconds",
    help: "Seconds for which the oldest batch on the queue has waited or is being recorded; 0 when there is none",
    registers,
    async collect() {
      this.reset();
      const found = await status().catch(() => undefined);
      if (found !== undefined) this.set(found.oldestWaitingSeconds ?? 0);
    },
  });
  new Gauge({
    name: "model_views_accounting_views",
    help: "Views since the beginning: queued, removed, and written off by operators; what became of them; and those on the queue now",
    labelNames: ["part"],
    registers,
    async collect() {
      this.reset();
      const found = await accounts().catch(() => undefined);
      if (found === undefined) return;
      const { lost: _, surplus: __, ...parts } = found;
      for (const [part, views] of Object.entries(parts)) if (views !== null) this.set({ part }, views);
    },
  });
  new Gauge({
    name: "model_views_accounting_difference_views",
    help: "Views that are lost (gone from the queue, and not recorded) or surplus (recorded beyond what was queued): 0 when all is well; no value while more than 5,000 batches wait",
    labelNames: ["kind"],
    registers,
    async collect() {
      this.reset();
      const { lost = null, surplus = null } = (await accounts().catch(() => undefined)) ?? {};
      if (lost !== null) this.set({ kind: "lost" }, lost);
      if (surplus !== null) this.set({ kind: "surplus" }, surplus);
    },
  });
}
