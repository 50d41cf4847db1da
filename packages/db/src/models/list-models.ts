import type { Db } from "../postgres/connect.ts";
import { and, asc, eq, gt } from "../postgres/drizzle.ts";
import { type Model, models } from "../schema.ts";

export type ListModelsQuestion = {
  /** At most so many models. */
  limit: number;
  /** Only those after this id. */
  afterId?: string | undefined;
  category?: string | undefined;
};

/** Which models are there, by id? Reads the primary key, or models_category_idx. */
export async function listModels(db: Db, { limit, afterId, category }: ListModelsQuestion): Promise<Model[]> {
  return db
    .select()
    .from(models)
    .where(
      and(
        afterId === undefined ? undefined : gt(models.id, afterId),
        category === undefined ? undefined : eq(models.category, category),
      ),
    )
    .orderBy(asc(models.id))
    .limit(limit);
}
