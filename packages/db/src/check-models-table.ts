import type { ClientBase } from "pg";

/** Columns that the table of models needs: type, and whether null is refused. */
const NEEDED = [
  { column: "id", type: "uuid", notNull: true },
  { column: "name", type: "text", notNull: true },
  { column: "category", type: "text", notNull: false },
  { column: "created_at", type: "timestamp with time zone", notNull: true },
] as const;

/**
 * Does the table of models, which may be the website's own, have what is read from it?
 *
 * @throws naming each column that is missing or different.
 */
export async function checkModelsTable(client: ClientBase): Promise<void> {
  const { rows } = await client.query<{
    column: string;
    type: string;
    nullable: boolean;
    default: string | null;
  }>(
    `select column_name as column, data_type as type, is_nullable = 'YES' as nullable, column_default as default
     from information_schema.columns where table_schema = current_schema() and table_name = 'models'`,
  );
  const wrong = NEEDED.filter(({ column, type, notNull }) => {
    const found = rows.find((row) => row.column === column);
    const isText = type === "text" && (found?.type === "text" || found?.type === "character varying");
    return found === undefined || (found.type !== type && !isText) || (notNull && found.nullable);
  });
  if (wrong.length === 0) return;
  const list = wrong
    .map(({ column, type, notNull }) => `${column} ${type}${notNull ? " not null" : ""}`)
    .join(", ");
  throw new Error(`The table models, which was there already, must have: ${list}`);
}
