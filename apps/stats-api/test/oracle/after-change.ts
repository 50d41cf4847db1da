import { finalizeHours } from "@model-views/db/maintenance/finalize-hours.ts";
import { finalizeViewers } from "@model-views/db/maintenance/finalize-viewers.ts";
import type { Db } from "@model-views/db/postgres/connect.ts";

/** The values of models are stored also on days with few views, as they are in general of many. */
export const MANY_VIEWS = { day: 2, month: 3 };

/**
 * Maintenance that makes answers faster and must not change them. Called at random moments, between changes and questions.
 */
export async function afterChange(db: Db, { now }: { now: Date }): Promise<void> {
  await finalizeViewers(db.$client, { now, manyViews: MANY_VIEWS });
  await finalizeHours(db.$client, { now });
}
