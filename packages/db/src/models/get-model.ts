import type { Db } from "../postgres/connect.ts";
import { eq } from "../postgres/drizzle.ts";
import { type Model, models } from "../schema.ts";

/** Which model has this id? */
export async function getModel(db: Db, id: string): Promise<Model | undefined> {
  const [model] = await db.select().from(models).where(eq(models.id, id));
  return model;
}
