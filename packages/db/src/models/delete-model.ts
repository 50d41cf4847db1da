import type { Db } from "../postgres/connect.ts";
import { begin } from "../postgres/session.ts";
import { ANSWER_SLACK_MS } from "../postgres/timeouts.ts";

/** Milliseconds that a deletion may take: a model's views go with it, and there may be millions. */
const DELETE_TIMEOUT_MS = 300_000;

/**
 * Deletes a model with all its views and rollups, in one transaction. Views of it that are recorded at the same
 * moment are either deleted with it or rejected as `unknown_model`. Says whether there was such a model.
 */
export async function deleteModel(db: Db, id: string): Promise<boolean> {
  const client = await db.$client.connect();
  let failed: unknown;
  try {
    await client.query(begin(client));
    await client.query(`set local statement_timeout = ${DELETE_TIMEOUT_MS}`);
    const deletion = {
      text: "delete from models where id = $1",
      query_timeout: DELETE_TIMEOUT_MS + ANSWER_SLACK_MS,
    };
    const { rowCount } = await client.query(deletion, [id]);
    await client.query("commit");
    return rowCount === 1;
  } catch (error) {
    failed = error;
    throw error;
  } finally {
    // A connection in the middle of a failed transaction is closed rather than given back.
    client.release(failed !== undefined);
  }
}
