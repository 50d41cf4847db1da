import { setTimeout as pause } from "node:timers/promises";
import { OPEN_DAYS } from "@model-views/db/audiences/reporting-days.ts";
import { finalizeHours } from "@model-views/db/maintenance/finalize-hours.ts";
import { finalizeViewers } from "@model-views/db/maintenance/finalize-viewers.ts";
import { databaseTime } from "@model-views/db/postgres/clocks.ts";
import { asking, sql } from "@model-views/db/postgres/sql.ts";
import type { Lab } from "./lab.ts";
import type { FinalizingMessage } from "./messages.ts";

/** What the workers have finalized while faults came and went, see finalize-often.ts. */
export type Finalizing = {
  days: number;
  hours: number;
  /** Why it failed, where that is not the outcome of a fault. */
  failures: string[];
};

export function noFinalizing(): Finalizing {
  return { days: 0, hours: 0, failures: [] };
}

/** Adds what a worker reports. */
export function noteFinalizing(finalizing: Finalizing, { finalizing: did }: FinalizingMessage): void {
  if ("failed" in did) finalizing.failures.push(did.failed);
  else {
    finalizing.days += did.finalized.days;
    finalizing.hours += did.finalized.hours;
  }
}

const AGAIN_MS = 100;
const DONE_MS_MAX = 15_000;

/**
 * Finalizes what is open: of that the checks know nothing. What was finalized before stays as it is, right or wrong.
 *
 * @returns whether everything is finalized; not where it takes longer than 15 s.
 */
export async function finalizeTheRest({ db: { $client } }: Pick<Lab, "db">): Promise<boolean> {
  const deadline = performance.now() + DONE_MS_MAX;
  for (;;) {
    const now = await databaseTime($client);
    await finalizeViewers($client, { now });
    const { isPostponed } = await finalizeHours($client, { now });
    const { rowCount: open } = await asking($client)(sql`
      select from (${OPEN_DAYS}) open where day < (${now}::timestamptz - interval '1 day 10 minutes') at time zone 'utc' limit 1`);
    if (!isPostponed && open === 0) return true;
    if (performance.now() > deadline) return false;
    await pause(AGAIN_MS);
  }
}
