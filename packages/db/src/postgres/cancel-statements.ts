import type { Pool } from "pg";

/** Milliseconds between two times that they are cancelled: a transaction may have gone on to its next statement. */
const AGAIN_MS = 100;

/**
 * Cancels the statements of the connections with this application name, which must be those of one pool alone, and goes on so
 * until `ended` settles: a connection that is only closed leaves its statement running, with all its locks.
 *
 * Asked over another pool, of the same role. By name, because the process id that a client knows of its connection may be
 * a pooler's.
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
  while (!isEnded) {
    // Should PostgreSQL be away there is nothing to cancel.
    await pool
      .query(
        `select pg_cancel_backend(pid) from pg_stat_activity
         where application_name = $1 and usename = current_user and state <> 'idle'`,
        [applicationName],
      )
      .catch(() => {});
    await Promise.race([end, new Promise((resolve) => setTimeout(resolve, AGAIN_MS))]);
  }
}
