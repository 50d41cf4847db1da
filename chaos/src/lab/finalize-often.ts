import { setTimeout as pause } from "node:timers/promises";
import { finalizeHours } from "@model-views/db/maintenance/finalize-hours.ts";
import { finalizeViewers } from "@model-views/db/maintenance/finalize-viewers.ts";
import { databaseTime } from "@model-views/db/postgres/clocks.ts";
import { failureOf } from "@model-views/db/postgres/failure.ts";
import { openPool } from "@model-views/db/postgres/pool.ts";
import type { FinalizingMessage } from "./messages.ts";

// Loaded before a worker: what its maintenance finalizes every ten minutes is finalized at once, again and again. So late views,
// deletions and the end of the process come in the middle of it.

/** Values of models are stored also for the few views of a run. */
const MANY_VIEWS = { day: 5, month: 5 };
const PAUSE_MS = 50;
/** As that of the worker's maintenance, but for shorter work. */
const STATEMENT_TIMEOUT_MS = 30_000;
/** A right that is missing for a while. */
const MISSING_RIGHT = /^(42501|42P01|3F000)$/;

const { DATABASE_URL = "", DATABASE_SCHEMA } = process.env;
const pool = openPool({
  databaseUrl: DATABASE_URL,
  schema: DATABASE_SCHEMA,
  // Faults end a worker's connections by how this begins.
  applicationName: "model-views worker finalizing",
  connectionsMax: 1,
  statementTimeoutMs: STATEMENT_TIMEOUT_MS,
  onError: () => {},
});

/** Until the process ends. */
async function finalizeOften(): Promise<never> {
  for (;;) {
    try {
      // A worker's own clock may be wrong.
      const now = await databaseTime(pool);
      // Reported one by one: the process may end before all of them are finalized.
      const onProgress = () => send({ finalized: { days: 1, hours: 0 } });
      await finalizeViewers(pool, { now, manyViews: MANY_VIEWS, onProgress });
      const { hours } = await finalizeHours(pool, { now });
      if (hours > 0) send({ finalized: { days: 0, hours } });
    } catch (error) {
      const { kind, sqlstate = "", message } = failureOf(error);
      if (kind !== "world" && !MISSING_RIGHT.test(sqlstate))
        send({ failed: `${message} ${sqlstate}`.trim() });
    }
    await pause(PAUSE_MS);
  }
}

function send(finalizing: FinalizingMessage["finalizing"]): void {
  process.send?.({ finalizing } satisfies FinalizingMessage);
}

void finalizeOften();
