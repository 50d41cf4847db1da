import { UsageError } from "@model-views/shared/runtime/run-command.ts";
import { Client, escapeIdentifier, escapeLiteral } from "pg";
import { waitForLock } from "../postgres/advisory-locks.ts";
import type { DatabasePool } from "../postgres/pool.ts";
import { type Ask, sql } from "../postgres/sql.ts";
import { inTransaction } from "../postgres/transaction.ts";
import { missingGrants } from "./rights.ts";

const STATEMENT_TIMEOUT_MS = 60_000;

/** SQLSTATE of a missing right. */
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
 * An existing role keeps its password and its other rights. Safe to run again, and by several processes at once.
 *
 * @returns whether it was made now.
 * @throws {UsageError} when the role that migrates may not do so, with the statements that another one has to run.
 */
export async function ensureStatsRole(pool: DatabasePool, role: StatsRole): Promise<boolean> {
  return inTransaction(pool, { statementTimeoutMs: STATEMENT_TIMEOUT_MS }, async (ask) => {
    await waitForLock(ask, "grants");
    const isMade = await makeRole(ask, role);
    await grantReading(ask, { schema: pool.schema, role: role.name });
    return isMade;
  });
}

async function makeRole(ask: Ask, { name, password }: StatsRole): Promise<boolean> {
  const { rows } = await ask<{ exists: boolean; may: boolean }>(sql`
    select exists (select from pg_roles where rolname = ${name}) as exists,
      (select rolcreaterole or rolsuper from pg_roles where rolname = current_user) as may`);
  if (rows[0]?.exists) return false;
  const statement = `create role ${escapeIdentifier(name)} login`;
  // Checked first: a statement that PostgreSQL refuses is in its log, with the password.
  if (!rows[0]?.may) {
    throw new UsageError(
      `There is no role ${name}, which STATS_DATABASE_URL names, and the user of DATABASE_URL may not make it.
Let a role that may make it run this, and then run npm run migrate again:
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
  // PostgreSQL only warns about some grants that it did not make.
  if (missing.length === 0 || (await missingGrants(ask, reader)).length === 0) return;
  throw new UsageError(
    `The user of DATABASE_URL may not grant ${reader.role} what questions need.
Let the owner of these tables, or a superuser, run this, and then npm run migrate again:
${missing.map((grant) => `  ${grant};`).join("\n")}`,
  );
}
