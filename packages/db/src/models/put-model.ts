import type { Db } from "../postgres/connect.ts";
import { asking, sql } from "../postgres/sql.ts";
import type { Model } from "../schema.ts";
import { MODEL_COLUMNS } from "./list-models.ts";

/** Creates the model, or changes its name and category. `created` is true if it was created. */
export async function putModel(
  db: Db,
  { id, name, category }: Pick<Model, "id" | "name" | "category">,
): Promise<{ model: Model; created: boolean }> {
  const { rows } = await asking(db.$client)<Model & { created: boolean }>(sql`
    insert into models (id, name, category) values (${id}, ${name}, ${category})
    on conflict (id) do update set name = excluded.name, category = excluded.category
    returning ${MODEL_COLUMNS}, xmax = 0 as created`);
  const [row] = rows;
  if (row === undefined) throw new Error("an upsert returned no row");
  const { created, ...model } = row;
  return { model, created };
}
