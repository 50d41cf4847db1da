import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { migrate } from "@model-views/db/migrate/migrate.ts";
import { connect, type Db } from "@model-views/db/postgres/connect.ts";

/** The schema, and the roles, that docs/databases.md speaks of. */
export const SCHEMA = "app";
export const OWNER = "model_views_owner";
export const STATS = "model_views_stats";
const DATABASE = "the_database";

const DOCS = new URL("../../../docs/databases.md", import.meta.url);

/** Made by the website, and not ours. */
const WEBSITES_TABLE = `create table ${SCHEMA}.models (
  id uuid primary key, name text not null, category text, created_at timestamptz not null default now())`;

export type Roles = {
  /** What the role that records, and the one that answers questions, connect with. */
  ownerUrl: (url: string) => string;
  statsUrl: (url: string) => string;
  /** Gives both every right that they have to have. Does no harm a second time. */
  grant: () => Promise<void>;
};

/**
 * Makes the schema as it is to be made where the services have no superuser: the public may do nothing, the table of models
 * is the website's, and the services have the rights of docs/databases.md and no others, word for word.
 *
 * @param db a superuser's.
 */
export async function makeRoles(db: Db, { databaseUrl }: { databaseUrl: string }): Promise<Roles> {
  const { $client: admin } = db;
  const database = new URL(databaseUrl).pathname.slice(1);
  const password = randomBytes(16).toString("hex");
  const as = (role: string) => (url: string) => {
    const its = new URL(url);
    its.username = role;
    its.password = password;
    return its.href;
  };
  await admin.query(`revoke all on database ${database} from public`);
  await admin.query(`create schema ${SCHEMA}`);
  await admin.query(WEBSITES_TABLE);
  const statements = await documentedStatements({ database, password });
  // The tables that it reads are made by the other one.
  const [later, first] = [statements.filter(isOfStats), statements.filter((each) => !isOfStats(each))];
  for (const statement of first) await admin.query(statement);
  const owner = connect({
    databaseUrl: as(OWNER)(databaseUrl),
    schema: SCHEMA,
    applicationName: "model-views chaos migrate",
    connectionsMax: 1,
    statementTimeoutMs: 0,
    onError: () => {},
  });
  try {
    await migrate(owner, { now: new Date() });
  } finally {
    await owner.$client.end();
  }
  for (const statement of later) await admin.query(statement);
  return {
    ownerUrl: as(OWNER),
    statsUrl: as(STATS),
    async grant() {
      for (const statement of statements) if (statement.startsWith("grant ")) await admin.query(statement);
    },
  };
}

async function documentedStatements(names: { database: string; password: string }): Promise<string[]> {
  const blocks = [...(await readFile(DOCS, "utf8")).matchAll(/^```sql\n(.*?)^```$/gms)];
  return blocks
    .map(([, block = ""]) => block)
    .join("")
    .replaceAll(DATABASE, names.database)
    .replaceAll("…", names.password)
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("--"));
}

function isOfStats(statement: string): boolean {
  return statement.includes(` to ${STATS}`);
}
