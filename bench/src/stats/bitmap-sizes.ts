import type { Db } from "@model-views/db/postgres/connect.ts";
import { asking, sql } from "@model-views/db/postgres/sql.ts";

/** Bytes of the stored audiences of a table. */
export type BitmapSize = { table: string; bytes: number };

/** The size of the bitmaps in each table that has some, the largest first, as they are before PostgreSQL compresses them. Reads whole tables. */
export async function bitmapSizes({ $client }: Db): Promise<BitmapSize[]> {
  const ask = asking($client);
  const { rows: tables } = await ask<{ name: string }>(sql`
    select table_name as name from information_schema.columns
    where table_schema = current_schema() and column_name = 'audience'`);
  const sizes: BitmapSize[] = [];
  for (const { name } of tables) {
    const { rows } = await ask<{ bytes: number }>(sql`
      select coalesce(sum(octet_length(audience)), 0)::float8 as bytes from ${sql.identifier(name)}`);
    sizes.push({ table: name, bytes: rows[0]?.bytes ?? 0 });
  }
  return sizes.toSorted((a, b) => b.bytes - a.bytes);
}
