import { finalizeHour } from "@model-views/db/maintenance/finalize-hour.ts";
import { finalizeModelDays } from "@model-views/db/maintenance/finalize-model-days.ts";
import { MANY_VIEWS } from "@model-views/db/maintenance/finalize-options.ts";
import { finalizeSiteDay } from "@model-views/db/maintenance/finalize-site-days.ts";
import { finalizeViewers } from "@model-views/db/maintenance/finalize-viewers.ts";
import type { Db } from "@model-views/db/postgres/connect.ts";
import { asking, sql } from "@model-views/db/postgres/sql.ts";

/** How long finalizing takes, in milliseconds. */
export type FinalizingTimes = { dayMs: number; hourMs: number };

/**
 * Opens the last day and the last hour that are finalized, as a late view of every model does, and measures how long it takes to
 * finalize them anew. Afterwards everything is stored as before.
 *
 * @param until the end of the views.
 * @throws when there is no such day or hour, or something else finalizes it.
 */
export async function finalizeAnew({ $client }: Db, until: Date): Promise<FinalizingTimes> {
  const ask = asking($client);
  const { rows: days } = await ask<{ day: string | null }>(sql`
    select max(day)::text as day from site_days where day < (${until}::timestamptz at time zone 'utc')::date`);
  const { rows: hours } = await ask<{ hour: Date | null }>(sql`
    select max(hour) as hour from finalized_hours where is_complete`);
  const [day, hour] = [days[0]?.day, hours[0]?.hour];
  if (!day || !hour) throw new Error("no day or no hour is finalized");

  await ask(sql`update model_days set viewers = null where day = ${day}::date`);
  const dayMs = await timed(async () => {
    await finalizeModelDays($client, { day, manyViews: MANY_VIEWS });
    if (!(await finalizeSiteDay($client, day))) throw new Error(`${day} could not be finalized`);
  });
  // The month of the day, where it is over.
  await finalizeViewers($client, { now: until });

  await ask(sql`delete from finalized_hours where hour = ${hour}`);
  const hourMs = await timed(async () => {
    if (!(await finalizeHour($client, hour, undefined)))
      throw new Error(`${hour.toISOString()} could not be finalized`);
  });
  return { dayMs, hourMs };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}
