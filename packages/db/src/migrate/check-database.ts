import { UsageError } from "@model-views/shared/runtime/run-command.ts";
import { escapeIdentifier } from "pg";
import type { Ask } from "../postgres/transaction.ts";
import { checkModelsTable } from "./check-models-table.ts";
import { MIGRATIONS_TABLE, TABLES } from "./tables.ts";

const VERSION_MIN = 15;

type Facts = {
  role: string;
  database: string;
  version: string;
  major: number;
  hasSchema: boolean;
  mayMakeSchema: boolean;
  mayCreate: boolean;
  isMigrated: boolean;
  /** Where migrations were noted before they were in the schema itself. */
  isNotedInDrizzle: boolean;
  /** Tables with our names. */
  taken: string[];
};

const has = (schema: string, table: string) =>
  `exists (select from pg_class c join pg_namespace s on s.oid = c.relnamespace where s.nspname = ${schema} and c.relname = ${table})`;

const FIND_FACTS = `
select current_user as role, current_database() as database, current_setting('server_version') as version,
  current_setting('server_version_num')::int / 10000 as major,
  n.oid is not null as "hasSchema",
  has_database_privilege(current_database(), 'create') as "mayMakeSchema",
  coalesce(has_schema_privilege(n.oid, 'usage') and has_schema_privilege(n.oid, 'create'), false) as "mayCreate",
  ${has("$1", "$2")} as "isMigrated", ${has("'drizzle'", "$2")} as "isNotedInDrizzle",
  array(select relname::text from pg_class where relnamespace = n.oid and relname = any($3) order by 1) as taken
from (values ($1)) given(name) left join pg_namespace n on n.nspname = given.name`;

export type CheckedDatabase = Pick<Facts, "hasSchema" | "isMigrated"> & {
  /** The note of earlier migrations is to be moved here. */
  hasNoteToMove: boolean;
  /** What works, but not as its owner may expect. */
  warnings: string[];
};

/**
 * Can we migrate this schema? Changes nothing.
 *
 * @throws {UsageError} with every reason why not, and what to do about each.
 */
export async function checkDatabase(ask: Ask, schema: string): Promise<CheckedDatabase> {
  const { rows } = await ask<Facts>(FIND_FACTS, [schema, MIGRATIONS_TABLE, TABLES]);
  const [facts] = rows;
  if (facts === undefined) throw new Error("a question without a table returned no row");
  const { hasSchema, isMigrated, isNotedInDrizzle, taken } = facts;
  const hasNoteToMove = !isMigrated && isNotedInDrizzle && taken.length > 0;
  const models = await checkModelsTable(ask, schema);
  const findings = [...findingsOf(facts, { schema, hasNoteToMove }), ...models.findings];
  if (findings.length > 0) {
    throw new UsageError(
      `The schema ${schema} of the database ${facts.database} cannot be used as it is; nothing was changed.
${findings.map((finding) => `  - ${finding}`).join("\n")}`,
    );
  }
  return { hasSchema, isMigrated, hasNoteToMove, warnings: models.warnings };
}

function findingsOf(
  facts: Facts,
  { schema, hasNoteToMove }: { schema: string; hasNoteToMove: boolean },
): string[] {
  const { role, database, version, major, hasSchema, mayMakeSchema, mayCreate, isMigrated, taken } = facts;
  const [ours, us, whole] = [schema, role, database].map(escapeIdentifier);
  const findings: string[] = [];
  if (major < VERSION_MIN) findings.push(`PostgreSQL is ${version}, and must be ${VERSION_MIN} or newer`);
  if (!hasSchema && !mayMakeSchema) {
    findings.push(
      `there is no such schema, and we may not make one: create schema ${ours} authorization ${us} (or grant create on database ${whole} to ${us})`,
    );
  }
  if (hasSchema && !mayCreate) {
    findings.push(`we may not make tables there: grant usage, create on schema ${ours} to ${us}`);
  }
  if (taken.length > 0 && !isMigrated && !hasNoteToMove) {
    findings.push(
      `there are tables with our names already (${taken.join(", ")}), and no table ${MIGRATIONS_TABLE} that says which migrations made them: if they are ours, restore that one too (older backups have it in the schema drizzle), else set DATABASE_SCHEMA to another schema`,
    );
  }
  return findings;
}
