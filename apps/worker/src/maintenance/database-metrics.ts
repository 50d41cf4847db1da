import { databaseState } from "@model-views/db/pipeline/database-state.ts";
import { asking } from "@model-views/db/postgres/sql.ts";
import { cachedFor } from "@model-views/shared/runtime/cached-for.ts";
import { Gauge, type Registry } from "prom-client";
import type { Stores } from "../open-stores.ts";

/** Milliseconds for which scrapes share what was asked: it changes by the hour. */
const SHARED_MS = 30_000;

/** Shows what maintenance keeps in order. While PostgreSQL does not answer, there are no values: other metrics say that. */
export function showDatabase({ postgres }: Pick<Stores, "postgres">, registers: Registry[]): void {
  const ask = asking(postgres);
  const state = cachedFor(SHARED_MS, () => databaseState(ask));
  const gauges = [
    ["monthsAhead", "model_views_partitions_ahead", "Months after this one that have a partition"],
    [
      "defaultViews",
      "model_views_default_partition_views",
      "Views in the default partition, because their month has none; 1,000 at most",
    ],
    [
      "openDays",
      "model_views_open_days",
      "Days that are over and not finalized: statistics are exact, and slower",
    ],
  ] as const;
  for (const [field, name, help] of gauges) {
    new Gauge({
      name,
      help,
      registers,
      async collect() {
        this.reset();
        const found = await state().catch(() => undefined);
        if (found !== undefined) this.set(found[field]);
      },
    });
  }
}
