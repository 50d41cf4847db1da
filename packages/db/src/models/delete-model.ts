import { eq, sql } from "drizzle-orm";
import type { Db } from "../connect.ts";
import { models } from "../schema.ts";

/** Milliseconds that a deletion may take: a model's views go with it, and there may be millions. */
const DELETE_TIMEOUT_MS = 300_000;

/**
 * Deletes a model with all its views and rollups, in one transaction. Views of it that are recorded at the same
 * moment are either deleted with it or rejected as `unknown_model`. Says whether there was such a model.
 */
export async function deleteModel(db: Db, id: string): Promise<boolean> {
  return db.transaction(async (transaction) => {
    await transaction.execute(sql.raw(`set local statement_timeout = ${DELETE_TIMEOUT_MS}`));
    const deleted = await transaction.delete(models).where(eq(models.id, id)).returning({ id: models.id });
    return deleted.length > 0;
  });
}
