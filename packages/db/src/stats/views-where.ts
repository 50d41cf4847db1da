import type { Period } from "@model-views/shared/contracts/period.ts";
import type { Bots } from "@model-views/shared/contracts/stats.ts";
import type { SQL } from "drizzle-orm";
import { sql } from "../postgres/sql.ts";

/** The views that a question is about. */
export type ViewsFilter = Period & { modelId?: string | undefined; bots: Bots };

/** SQL: the condition on `model_views` by which views of bots count. */
export const WITH_BOTS: Record<Bots, SQL> = {
  exclude: sql`not is_bot`,
  include: sql`true`,
  only: sql`is_bot`,
};

/** SQL: the condition on `model_views` for these views. */
export function viewsWhere({ from, to, modelId, bots }: ViewsFilter): SQL {
  const ofModel = modelId === undefined ? sql`true` : sql`model_id = ${modelId}`;
  return sql`viewed_at >= ${from} and viewed_at < ${to} and ${ofModel} and ${WITH_BOTS[bots]}`;
}
