import { Client, escapeIdentifier } from "pg";

/** Settings that a server, a database or a role may have, and that our statements must not rely on. */
export const FOREIGN_SETTINGS = {
  datestyle: "German, DMY",
  timezone: "America/New_York",
  intervalstyle: "sql_standard",
  extra_float_digits: "-10",
  bytea_output: "escape",
  standard_conforming_strings: "off",
  array_nulls: "off",
  search_path: "pg_catalog",
  default_transaction_isolation: "serializable",
  lock_timeout: "1ms",
  quote_all_identifiers: "on",
  timezone_abbreviations: "Australia",
} as const;

/** Sets all of them for new connections to the database of this URL. */
export async function setForeignSettings(databaseUrl: string): Promise<void> {
  const database = escapeIdentifier(new URL(databaseUrl).pathname.slice(1));
  await withClient(databaseUrl, async (client) => {
    for (const [name, value] of Object.entries(FOREIGN_SETTINGS)) {
      await client.query(`alter database ${database} set ${name} = '${value}'`);
    }
  });
}

/** Runs `work` with one connection that has none of our settings. */
export async function withClient<Result>(
  databaseUrl: string,
  work: (client: Client) => Promise<Result>,
): Promise<Result> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
