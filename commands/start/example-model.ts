import { listModels } from "@model-views/db/models/list-models.ts";
import { putModel } from "@model-views/db/models/put-model.ts";
import type { Db } from "@model-views/db/postgres/connect.ts";

/** The id is made up, and the same each time. */
export const EXAMPLE_MODEL = {
  id: "00000000-0000-4000-8000-000000000001",
  name: "Example model",
  category: null,
};

/** A model to try the system with: the first in the database, or else an example, if it may be stored. */
export async function modelToTry(db: Db, { mayStore }: { mayStore: boolean }): Promise<string | undefined> {
  const [first] = await listModels(db, { limit: 1 });
  if (first !== undefined || !mayStore) return first?.id;
  await putModel(db, EXAMPLE_MODEL);
  return EXAMPLE_MODEL.id;
}
