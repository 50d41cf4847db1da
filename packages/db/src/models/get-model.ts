import type { Queryable } from "../postgres/connect.ts";
import { asking, sql } from "../postgres/sql.ts";
import type { Model } from "../schema.ts";
import { MODEL_COLUMNS } from "./list-models.ts";

/** Which model has this id? */
export async function getModel(db: Queryable, id: string): Promise<Model | undefined> {
  const { rows } = await asking(db.$client)<Model>(sql`select ${MODEL_COLUMNS} from models where id = ${id}`);
  return rows[0];
}
