import type { Db } from "@model-views/db/connect.ts";

/**
 * Is called at random moments, between changes of what is stored and before questions: for housekeeping that makes answers
 * faster and must not change any. There is none so far.
 */
export async function afterChange(_db: Db, _options: { now: Date }): Promise<void> {}
