import { finalizeViewers } from "@model-views/db/maintenance/finalize-viewers.ts";
import type { Db } from "@model-views/db/postgres/connect.ts";

/**
 * Is called at random moments, between changes of what is stored and before questions: maintenance that makes answers
 * faster and must not change any.
 */
export async function afterChange(db: Db, { now }: { now: Date }): Promise<void> {
  await finalizeViewers(db.$client, { now });
}
