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
};

/** Which models are there, by id? Reads the primary key, or models_category_idx. */
export async function listModels(
  db: Queryable,
  { limit, afterId, category }: ListModelsQuestion,
): Promise<Model[]> {
  const isAfter = afterId === undefined ? sql`true` : sql`id > ${afterId}`;
  const ofCategory = category === undefined ? sql`true` : sql`category = ${category}`;
  const { rows } = await asking(db.$client)<Model>(
    sql`select ${MODEL_COLUMNS} from models where ${isAfter} and ${ofCategory} order by id limit ${limit}`,
  );
  return rows;
}
