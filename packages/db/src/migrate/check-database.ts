import { UsageError } from "@model-views/shared/runtime/run-command.ts";
import { escapeIdentifier } from "pg";
import { type Ask, sql } from "../postgres/sql.ts";
import { checkModelsTable } from "./check-models-table.ts";
import { MIGRATIONS_TABLE, TABLES } from "./tables.ts";

const VERSION_MIN = 15;

type State = {
  role: string;
  database: string;
  version: string;
  major: number;
  hasSchema: boolean;
  mayMakeSchema: boolean;
  mayCreate: boolean;
  isMigrated: boolean;
  /** Earlier migrations are listed in the schema `drizzle`, as older versions did. */
  isNotedInDrizzle: boolean;
  /** Tables with our names. */
  taken: string[];
};

export type CheckedDatabase = Pick<State, "hasSchema" | "isMigrated"> & {
  /** The list of earlier migrations has to be moved here. */
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
  const state = await findState(ask, schema);
  const { hasSchema, isMigrated, isNotedInDrizzle, taken } = state;
  const hasNoteToMove = !isMigrated && isNotedInDrizzle && taken.length > 0;
  const models = await checkModelsTable(ask, schema);
  const findings = [...findingsOf(state, { schema, hasNoteToMove }), ...models.findings];
  if (findings.length > 0) {
    throw new UsageError(
      `The schema ${schema} of the database ${state.database} cannot be used as it is; nothing was changed.
${findings.map((finding) => `  - ${finding}`).join("\n")}`,
    );
  }
  return { hasSchema, isMigrated, hasNoteToMove, warnings: models.warnings };
}

async function findState(ask: Ask, schema: string): Promise<State> {
  const hasMigrations = (where: string) => sql`exists (
    select from pg_class c join pg_namespace s on s.oid = c.relnamespace
    where s.nspname = ${where} and c.relname = ${MIGRATIONS_TABLE}
  )`;
  const { rows } = await ask<State>(sql`
    select current_user as role, current_database() as database, current_setting('server_version') as version,
      current_setting('server_version_num')::int / 10000 as major,
      n.oid is not null as "hasSchema",
      has_database_privilege(current_database(), 'create') as "mayMakeSchema",
      coalesce(has_schema_privilege(n.oid, 'usage') and has_schema_privilege(n.oid, 'create'), false)
        as "mayCreate",
      ${hasMigrations(schema)} as "isMigrated", ${hasMigrations("drizzle")} as "isNotedInDrizzle",
      array(
        select relname::text from pg_class
        where relnamespace = n.oid and relname = any(${sql.param(TABLES)}) order by 1
      ) as taken
    from (values (${schema})) given(name) left join pg_namespace n on n.nspname = given.name`);
  const [state] = rows;
  if (state === undefined) throw new Error("a question without a table returned no row");
  return state;
}

function findingsOf(
  state: State,
  { schema, hasNoteToMove }: { schema: string; hasNoteToMove: boolean },
): string[] {
  const { role, database, version, major, hasSchema, mayMakeSchema, mayCreate, isMigrated, taken } = state;
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
      `there are tables with our names already (${taken.join(", ")}), and no table ${MIGRATIONS_TABLE} that notes which migrations made them: if they are ours, restore that one too (older backups have it in the schema drizzle), else set DATABASE_SCHEMA to another schema`,
    );
  }
  return findings;
}
