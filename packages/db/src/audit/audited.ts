import type { Pool } from "pg";
import { failureOf } from "../postgres/failure.ts";

/** Something that only admins may do. No part of it holds a secret, or names a viewer. */
export type AdminAction = {
  /** The name of a key, or who runs a command on which machine. */
  actor: string;
  /** `delete-model`, `maintain retention`. */
  action: string;
  /** A model's id, or {@link hashedSubject} of a viewer's identifier; null where it is of nothing in particular. */
  subject: string | null;
};

/** Characters of each part that are kept. */
const CHARS_MAX = 500;

/** Notes how an action ended. */
export type EndAction = (outcome: string) => Promise<void>;

/**
 * Notes an action in `audit_log`, before it begins: an action that dies half-way has a row without an outcome.
 *
 * @throws what PostgreSQL threw; then the action must not begin.
 */
export async function beginAction(
  pool: Pick<Pool, "query">,
  { actor, action, subject }: AdminAction,
): Promise<EndAction> {
  const { rows } = await pool.query<{ id: string }>(
    "insert into audit_log (actor, action, subject) values ($1, $2, $3) returning id",
    [clipped(actor), clipped(action), subject === null ? null : clipped(subject)],
  );
  return async (outcome) => {
    await pool.query("update audit_log set outcome = $2, ended_at = clock_timestamp() where id = $1", [
      rows[0]?.id,
      clipped(outcome),
    ]);
  };
}

/**
 * Does `work` as an admin's action: noted before, with its outcome after.
 *
 * @param outcomeOf what to note of the result.
 * @throws what `work` threw, which is noted by its kind alone: messages may hold what was given.
 */
export async function audited<Result>(
  pool: Pick<Pool, "query">,
  action: AdminAction,
  work: () => Promise<Result>,
  outcomeOf: (result: Result) => string = () => "done",
): Promise<Result> {
  const end = await beginAction(pool, action);
  let result: Result;
  try {
    result = await work();
  } catch (error) {
    const { sqlstate } = failureOf(error);
    const kind = error instanceof Error ? error.name : "an error";
    // What went wrong matters more than that it could not be noted: the row then has no outcome.
    await end(`failed: ${sqlstate ?? kind}`).catch(() => {});
    throw error;
  }
  await end(outcomeOf(result));
  return result;
}

/** PostgreSQL's text has no NUL. */
function clipped(text: string): string {
  return text.replaceAll("\0", "\uFFFD").slice(0, CHARS_MAX);
}
