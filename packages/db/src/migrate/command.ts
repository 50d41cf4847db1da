import type { Db } from "../postgres/connect.ts";
import { migrate } from "./migrate.ts";
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
