import { migrate } from "@model-views/db/migrate/migrate.ts";
import { ensureStatsRole, statsRoleOf } from "@model-views/db/migrate/stats-role.ts";
import { connect } from "@model-views/db/postgres/connect.ts";
import { unreachable } from "../shared/with-database.ts";
import { modelToTry } from "./example-model.ts";

/** Migrates, fills, and finds a model to try: its id. Only a database of our own gets an example. */
export async function prepareDatabase(
  databaseUrl: string,
  {
    schema,
    isOurs,
    statsUrl,
    reportingTimeZone,
    fill,
    say,
  }: {
    schema: string;
    isOurs: boolean;
    statsUrl: string;
    reportingTimeZone: string | undefined;
    fill?: () => Promise<void>;
    say: (...words: string[]) => void;
  },
): Promise<string | undefined> {
  const db = connect({
    databaseUrl,
    schema,
    applicationName: "model-views start",
    connectionsMax: 1,
    statementTimeoutMs: 60_000,
    onError: (error) => say("PostgreSQL:", error.message),
  });
  try {
    const { warnings } = await migrate(db, { now: new Date(), reportingTimeZone }).catch(unreachable);
    for (const warning of warnings) say("note:", warning);
    const statsRole = statsRoleOf(databaseUrl, statsUrl);
    if (statsRole !== undefined) await ensureStatsRole(db.$client, statsRole);
    await fill?.();
    return await modelToTry(db, { mayStore: isOurs });
  } finally {
    await db.$client.end();
  }
}
