import type { Queryable } from "../postgres/connect.ts";
import { asking, sql } from "../postgres/sql.ts";
import type { Model } from "../schema.ts";

/** The columns of a {@link Model}; the website's own table may have more. */
export const MODEL_COLUMNS = sql`id, name, category, created_at as "createdAt"`;

export type ListModelsQuestion = {
  /** The largest number of models to return. */
  limit: number;
  /** Only those after this id. */
  afterId?: string | undefined;
  category?: string | undefined;
  /** Only models whose name contains it, in upper or lower case. */
  nameContains?: string | undefined;
};

/** Which models are there, by id? Reads the primary key, or models_category_idx; with a part of a name all models. */
export async function listModels(
  db: Queryable,
  { limit, afterId, category, nameContains }: ListModelsQuestion,
): Promise<Model[]> {
  const isAfter = afterId === undefined ? sql`true` : sql`id > ${afterId}`;
  const ofCategory = category === undefined ? sql`true` : sql`category = ${category}`;
  const isNamed = nameContains === undefined ? sql`true` : sql`name ilike ${`%${literal(nameContains)}%`}`;
  const { rows } = await asking(db.$client)<Model>(
    sql`select ${MODEL_COLUMNS} from models where ${isAfter} and ${ofCategory} and ${isNamed} order by id limit ${limit}`,
  );
  return rows;
}

/** The text as a pattern that matches only itself. */
function literal(text: string): string {
  return text.replaceAll(/[\\%_]/g, "\\$&");
}
