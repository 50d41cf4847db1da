import { UsageError } from "@model-views/shared/runtime/run-command.ts";
import { Client, escapeIdentifier, escapeLiteral } from "pg";
import type { DatabasePool } from "../postgres/pool.ts";
import { type Ask, inTransaction } from "../postgres/transaction.ts";
import { missingGrants } from "./rights.ts";

/** Any fixed number: whoever grants holds this advisory lock, because PostgreSQL refuses two who grant at once. */
const GRANT_LOCK = 7_234_817_003;

const STATEMENT_TIMEOUT_MS = 60_000;

/** SQLSTATE of what a role may not do. */
const INSUFFICIENT_PRIVILEGE = "42501";

export type StatsRole = { name: string; password: string };

/** The role that the second URL names, as pg reads URLs; undefined when it is the one that migrates. */
export function statsRoleOf(databaseUrl: string, statsDatabaseUrl: string): StatsRole | undefined {
  const { user: name, password } = new Client({ connectionString: statsDatabaseUrl });
  if (name === undefined || name === new Client({ connectionString: databaseUrl }).user) return undefined;
  return { name, password: password ?? "" };
}

/**
 * Makes the role that may ask for statistics and nothing else, where it is missing, and grants it what questions read.
 * A role that is there keeps its password, and whatever else it may. Safe to run again, and by several at once.
 *
 * @returns whether it was made now.
 * @throws {UsageError} when the one who migrates may not do so, with the statements that somebody else has to run.
 */
export async function ensureStatsRole(pool: DatabasePool, role: StatsRole): Promise<boolean> {
  return inTransaction(pool, { statementTimeoutMs: STATEMENT_TIMEOUT_MS }, async (ask) => {
    await ask("select pg_advisory_xact_lock($1)", [GRANT_LOCK]);
    const isMade = await makeRole(ask, role);
    await grantReading(ask, { schema: pool.schema, role: role.name });
    return isMade;
  });
}

async function makeRole(ask: Ask, { name, password }: StatsRole): Promise<boolean> {
  const { rows } = await ask<{ exists: boolean; may: boolean }>(
    `select exists (select from pg_roles where rolname = $1) as exists,
       (select rolcreaterole or rolsuper from pg_roles where rolname = current_user) as may`,
    [name],
  );
  if (rows[0]?.exists) return false;
  const statement = `create role ${escapeIdentifier(name)} login`;
  // Asked first: a statement that PostgreSQL refuses is in its log, with the password.
  if (!rows[0]?.may) {
    throw new UsageError(
      `There is no role ${name}, which STATS_DATABASE_URL names, and the user of DATABASE_URL may not make it.
Let somebody who may run this, and then npm run migrate again:
  ${statement} password '…';`,
    );
  }
  await ask(password === "" ? statement : `${statement} password ${escapeLiteral(password)}`);
  return true;
}

async function grantReading(ask: Ask, reader: { schema: string; role: string }): Promise<void> {
  const missing = await missingGrants(ask, reader);
  await ask("savepoint before_grants");
  for (const grant of missing) {
    try {
      await ask(grant);
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === INSUFFICIENT_PRIVILEGE)) throw error;
      await ask("rollback to savepoint before_grants");
      break;
    }
  }
  // PostgreSQL only warns of some grants that it did not make.
  if (missing.length === 0 || (await missingGrants(ask, reader)).length === 0) return;
  throw new UsageError(
    `The user of DATABASE_URL may not grant ${reader.role} what questions need.
Let the owner of these tables, or a superuser, run this, and then npm run migrate again:
${missing.map((grant) => `  ${grant};`).join("\n")}`,
  );
}
