import { escapeIdentifier } from "pg";
import { type Ask, sql } from "../postgres/sql.ts";

/** The columns that the table `models` needs: the type, and whether null is refused. */
const NEEDED = [
  { name: "id", type: "uuid", notNull: true },
  { name: "name", type: "text", notNull: true },
  { name: "category", type: "text", notNull: false },
  { name: "created_at", type: "timestamp with time zone", notNull: true },
] as const;

/** The columns that `PUT` sets. */
const PUT_COLUMNS = ["id", "name", "category"];

const KINDS: Record<string, string> = { v: "a view", m: "a materialized view", f: "a foreign table" };

type Table = {
  oid: string;
  kind: string;
  owner: string;
  role: string;
  isIdUnique: boolean;
  hidesRows: boolean;
  mayRefer: boolean;
  mayUpdate: boolean;
  mayInsert: boolean;
  mayDelete: boolean;
};

async function findTable(ask: Ask, schema: string): Promise<Table | undefined> {
  const { rows } = await ask<Table>(sql`
    select c.oid::text as oid, c.relkind as kind, pg_get_userbyid(c.relowner) as owner, current_user as role,
      row_security_active(c.oid) as "hidesRows",
      exists (
        select from pg_index i join pg_attribute a on a.attrelid = c.oid and a.attname = 'id'
        where i.indrelid = c.oid and i.indisunique and i.indimmediate and i.indisvalid and i.indpred is null
          and i.indnkeyatts = 1 and i.indkey[0] = a.attnum
      ) as "isIdUnique",
      has_any_column_privilege(c.oid, 'references') as "mayRefer", has_table_privilege(c.oid, 'update') as "mayUpdate",
      has_table_privilege(c.oid, 'insert') as "mayInsert", has_table_privilege(c.oid, 'delete') as "mayDelete"
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = ${schema} and c.relname = 'models'`);
  return rows[0];
}

type Column = {
  name: string;
  type: string;
  isNullable: boolean;
  hasDefault: boolean;
  isGenerated: boolean;
  mayRead: boolean;
};

/** A domain counts as its base type. */
async function findColumns(ask: Ask, { oid }: Table): Promise<Column[]> {
  const { rows } = await ask<Column>(sql`
    select a.attname::text as name, format_type(coalesce(nullif(t.typbasetype, 0), t.oid), null) as type,
      not (a.attnotnull or t.typnotnull) as "isNullable",
      a.atthasdef or a.attidentity <> '' or t.typdefault is not null as "hasDefault",
      a.attgenerated <> '' or a.attidentity = 'a' as "isGenerated",
      has_column_privilege(a.attrelid, a.attnum, 'select') as "mayRead"
    from pg_attribute a join pg_type t on t.oid = a.atttypid
    where a.attrelid = ${oid} and a.attnum > 0 and not a.attisdropped order by a.attnum`);
  return rows;
}

export type CheckedModels = {
  /** Why the table cannot be used. */
  findings: string[];
  /** What works, but not as its owner may expect. */
  warnings: string[];
};

/** Can the table `models` be used, which may be the website's own? Finds everything that is wrong at once. */
export async function checkModelsTable(ask: Ask, schema: string): Promise<CheckedModels> {
  const table = await findTable(ask, schema);
  if (table === undefined) return { findings: [], warnings: [] };
  const kind = KINDS[table.kind];
  if (kind !== undefined) return { findings: [`models is ${kind}, and must be a table`], warnings: [] };
  const columns = await findColumns(ask, table);
  const findings = [
    ...NEEDED.flatMap((needed) => wrongColumn(columns, needed)),
    ...wrongTable(table, columns, schema),
  ];
  return { findings, warnings: warningsOf(table, columns) };
}

function wrongColumn(columns: readonly Column[], { name, type, notNull }: (typeof NEEDED)[number]): string[] {
  const must = `must be ${type}${notNull ? " not null" : ""}`;
  const found = columns.find((column) => column.name === name);
  if (found === undefined) return [`models has no column ${name}, which ${must}`];
  const isText = type === "text" && found.type === "character varying";
  if (found.type !== type && !isText) return [`models.${name} is ${found.type}, and ${must}`];
  return notNull && found.isNullable ? [`models.${name} may be null, and ${must}`] : [];
}

function wrongTable(table: Table, columns: readonly Column[], schema: string): string[] {
  const { isIdUnique, mayRefer, mayUpdate, owner, role } = table;
  const mayRead = NEEDED.every(
    ({ name }) => columns.find((column) => column.name === name)?.mayRead !== false,
  );
  const missing = [
    ...(mayRead ? [] : ["select"]),
    ...(mayRefer ? [] : ["references"]),
    // For locks: `for key share` of recording, and the table lock of maintenance.
    ...(mayUpdate ? [] : ["update"]),
  ];
  const grant = `grant ${missing.join(", ")} on ${escapeIdentifier(schema)}.models to ${escapeIdentifier(role)}`;
  return [
    ...(isIdUnique ? [] : ["models.id is not unique: it must be the primary key, or have a unique index"]),
    ...(missing.length === 0 ? [] : [`models is ${owner}'s, who has to run: ${grant}`]),
  ];
}

function warningsOf({ mayInsert, mayDelete, hidesRows }: Table, columns: readonly Column[]): string[] {
  const stop = columns.flatMap(({ name, isNullable, hasDefault, isGenerated }) => {
    if (PUT_COLUMNS.includes(name)) return isGenerated ? [`models.${name} is generated`] : [];
    return isNullable || hasDefault || isGenerated
      ? []
      : [`models.${name} must not be null and has no default`];
  });
  if (!mayInsert) stop.push("we may not insert into models");
  return [
    ...(stop.length === 0
      ? []
      : [`PUT /v1/models/… is refused, and views count all the same: ${stop.join("; ")}`]),
    ...(mayDelete ? [] : ["DELETE /v1/models/… is refused: we may not delete from models"]),
    ...(hidesRows
      ? ["models has row security that applies to us: views of models that its policies hide are rejected"]
      : []),
  ];
}
