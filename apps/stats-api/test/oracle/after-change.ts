import { finalizeHours } from "@model-views/db/maintenance/finalize-hours.ts";
import { finalizeViewers } from "@model-views/db/maintenance/finalize-viewers.ts";
import type { Db } from "@model-views/db/postgres/connect.ts";

/**
 * Maintenance that makes answers faster and must not change them. Called at random moments, between changes and questions.
 */
export async function afterChange(db: Db, { now }: { now: Date }): Promise<void> {
  await finalizeViewers(db.$client, { now });
  await finalizeHours(db.$client, { now });
}
