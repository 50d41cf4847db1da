import { hostname, userInfo } from "node:os";
import { audited } from "@model-views/db/audit/audited.ts";
import type { Db } from "@model-views/db/postgres/connect.ts";
import { failureOf } from "@model-views/db/postgres/failure.ts";
import { UsageError } from "@model-views/shared/runtime/run-command.ts";

/** SQLSTATE of a table that does not exist. */
const NO_TABLE = "42P01";

/**
 * Runs the work of a command, noted in `audit_log` with the user and the machine.
 *
 * @param action the command and its arguments, without secrets.
 * @throws {UsageError} when there is no `audit_log` yet. Errors of `work` are passed on.
 */
export async function auditedCommand<Result>(
  { $client: pool }: Db,
  action: string,
  work: () => Promise<Result>,
  outcomeOf?: (result: Result) => string,
): Promise<Result> {
  let hasBegun = false;
  const begin = () => {
    hasBegun = true;
    return work();
  };
  try {
    return await audited(pool, { actor: actorName(), action, subject: null }, begin, outcomeOf);
  } catch (error) {
    if (hasBegun || failureOf(error).sqlstate !== NO_TABLE) throw error;
    throw new UsageError("there is no table audit_log in this database: npm run migrate makes it", {
      cause: error,
    });
  }
}

function actorName(): string {
  try {
    return `${userInfo().username}@${hostname()}`;
  } catch {
    // A container's user may have no name.
    return `uid ${process.getuid?.()}@${hostname()}`;
  }
}
