import type { Db } from "../postgres/connect.ts";
import { sql } from "../postgres/drizzle.ts";
import { type Model, models } from "../schema.ts";

/** Creates the model, or changes its name and category. `created` says which. */
export async function putModel(
  db: Db,
  { id, name, category }: Pick<Model, "id" | "name" | "category">,
): Promise<{ model: Model; created: boolean }> {
  const rows = await db
    .insert(models)
    .values({ id, name, category })
    .onConflictDoUpdate({ target: models.id, set: { name, category } })
    .returning({
      id: models.id,
      name: models.name,
      category: models.category,
      createdAt: models.createdAt,
      created: sql<boolean>`xmax = 0`,
    });
  const [row] = rows;
  if (row === undefined) throw new Error("an upsert returned no row");
  const { created, ...model } = row;
  return { model, created };
}
