import type { Db } from "../postgres/connect.ts";
import { migrate } from "./migrate.ts";
import { type LockMode, planMigrations } from "./plan-migrations.ts";
import { ensureStatsRole, statsRoleOf } from "./stats-role.ts";

/**
 * What `npm run migrate` does once it has a database: migrates, makes the role of `statsDatabaseUrl` if that is another user, and
 * prints both to stdout.
 *
 * @throws what {@link migrate} and {@link ensureStatsRole} throw.
 */
export async function migrateAndPrint(
  db: Db,
  {
    databaseUrl,
    statsDatabaseUrl,
    reportingTimeZone,
  }: { databaseUrl: string; statsDatabaseUrl: string; reportingTimeZone: string | undefined },
): Promise<void> {
  const print = (line: string) => process.stdout.write(`${line}\n`);
  const statsRole = statsRoleOf(databaseUrl, statsDatabaseUrl);
  const { applied, warnings } = await migrate(db, { now: new Date(), reportingTimeZone });
  for (const migration of applied) print(`Applied ${migration}.`);
  for (const warning of warnings) print(`Note: ${warning}.`);
  if (statsRole !== undefined) {
    const isMade = await ensureStatsRole(db.$client, statsRole);
    const did = isMade ? "was made, and" : "was there, and keeps its password, and";
    print(`The role ${statsRole.name} ${did} may read what statistics are made of.`);
  }
  print("The schema is up to date.");
}

/** What waits for a table while a lock of it is held. */
const WAITS: Readonly<Record<LockMode, string>> = {
  AccessShareLock: "nothing waits",
  RowShareLock: "nothing waits",
  RowExclusiveLock: "nothing waits",
  ShareUpdateExclusiveLock: "maintenance waits",
  ShareLock: "recording waits",
  ShareRowExclusiveLock: "recording waits",
  ExclusiveLock: "recording waits",
  AccessExclusiveLock: "recording and statistics wait",
};

/** Prints which migrations would run, their statements, and what would wait for which tables. Changes nothing. */
export async function printPlan(db: Db, { databaseUrl }: { databaseUrl: string }): Promise<void> {
  const print = (line: string) => process.stdout.write(`${line}\n`);
  const planned = await planMigrations(db, { databaseUrl });
  if (planned.length === 0) print("The schema is up to date: no migration would run.");
  for (const { tag, statements, locks } of planned) {
    print(`${tag} would run:`);
    for (const statement of statements) print(statement.replaceAll(/^/gm, "  "));
    print(
      locks.length === 0 ? "It locks no table that is there." : "It locks, until all migrations have ended:",
    );
    for (const { table, mode } of locks) print(`  ${table}: ${mode} (${WAITS[mode]})`);
  }
}
