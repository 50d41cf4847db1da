import { Client, escapeIdentifier } from "pg";

/** What a server, a database or a role may have set, and none of our statements expects. */
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

/** Sets all of them for the database of this URL, for connections that are made from now on. */
export async function setForeignSettings(databaseUrl: string): Promise<void> {
  const database = escapeIdentifier(new URL(databaseUrl).pathname.slice(1));
  await withClient(databaseUrl, async (client) => {
    for (const [name, value] of Object.entries(FOREIGN_SETTINGS)) {
      await client.query(`alter database ${database} set ${name} = '${value}'`);
    }
  });
}

/** One connection as any program has it, without settings of ours. */
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
