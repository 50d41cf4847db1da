import type { Db } from "../postgres/connect.ts";
import { sql } from "../postgres/sql.ts";
import { inTransaction } from "../postgres/transaction.ts";

/** Milliseconds that a deletion may take: a model's views go with it, and there may be millions. */
const DELETE_TIMEOUT_MS = 300_000;

/**
 * Deletes a model with all its views and rollups, in one transaction. Views of it that are recorded at the same
 * moment are either deleted with it or rejected as `unknown_model`.
 *
 * @returns whether there was such a model.
 */
export async function deleteModel(db: Db, id: string): Promise<boolean> {
  return inTransaction(db.$client, { statementTimeoutMs: DELETE_TIMEOUT_MS }, async (ask) => {
    const { rowCount } = await ask(sql`delete from models where id = ${id}`);
    return rowCount === 1;
  });
}
