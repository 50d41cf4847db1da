import { hostname, userInfo } from "node:os";
import { audited } from "@model-views/db/audit/audited.ts";
import type { Db } from "@model-views/db/postgres/connect.ts";
import { failureOf } from "@model-views/db/postgres/failure.ts";
import { UsageError } from "@model-views/shared/runtime/run-command.ts";

/** SQLSTATE of a table that is not there. */
const NO_TABLE = "42P01";

/**
 * Does what a command was asked for, noted in `audit_log` with who runs it on which machine.
 *
 * @param action the command and what it was told, without anything secret.
 * @throws {UsageError} when there is no `audit_log` yet; and what `work` threw.
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
    return await audited(pool, { actor: whoRuns(), action, subject: null }, begin, outcomeOf);
  } catch (error) {
    if (hasBegun || failureOf(error).sqlstate !== NO_TABLE) throw error;
    throw new UsageError("there is no table audit_log in this database: npm run migrate makes it", {
      cause: error,
    });
  }
}

function whoRuns(): string {
  try {
    return `${userInfo().username}@${hostname()}`;
  } catch {
    // A container's user may have no name.
    return `uid ${process.getuid?.()}@${hostname()}`;
  }
}
