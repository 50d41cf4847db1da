import type { Pool } from "pg";
import { asking, sql } from "./sql.ts";

/** Milliseconds between two rounds: a transaction may have gone on to its next statement. */
const AGAIN_MS = 100;

/**
 * Cancels the statements of the connections with this application name until `ended` settles: a connection that is only
 * closed leaves its statement running, with all its locks. The name must belong to one pool alone.
 *
 * Asked over another pool of the same role. By name, because behind a pooler a client does not know the process ids of its
 * connections.
 */
export async function cancelStatements(
  pool: Pick<Pool, "query">,
  { applicationName, ended }: { applicationName: string; ended: Promise<unknown> },
): Promise<void> {
  let isEnded = false;
  const end = ended.then(
    () => undefined,
    () => undefined,
  );
  void end.then(() => {
    isEnded = true;
  });
  const cancel = sql`select pg_cancel_backend(pid) from pg_stat_activity
    where application_name = ${applicationName} and usename = current_user and state <> 'idle'`;
  while (!isEnded) {
    // While PostgreSQL is away there is nothing to cancel.
    await asking(pool)(cancel).catch(() => {});
    await Promise.race([end, new Promise((resolve) => setTimeout(resolve, AGAIN_MS))]);
  }
}
