import type { Period } from "@model-views/shared/contracts/period.ts";
import type { Bots } from "@model-views/shared/contracts/stats.ts";

/** Which views a question is about. */
export type ViewsFilter = Period & { modelId?: string | undefined; bots: Bots };

/**
 * Leaves out what retention is about to remove: its month counts as removed already, by the days that stay. An array, so
 * that it is asked once.
 */
export const NOT_EXPIRED = `date_trunc('month', viewed_at at time zone 'utc')::date <> all (array(select month from retired_months))`;

/** The SQL condition on `model_views`, and its values, which are numbered from `after` + 1 on. */
export function viewsWhere(
  { from, to, modelId, bots }: ViewsFilter,
  after: number,
): { where: string; values: unknown[] } {
  const values: unknown[] = [from, to];
  const conditions = [`viewed_at >= $${after + 1}`, `viewed_at < $${after + 2}`];
  if (modelId !== undefined) {
    values.push(modelId);
    conditions.push(`model_id = $${after + 3}`);
  }
  if (bots !== "include") conditions.push(bots === "only" ? "is_bot" : "not is_bot");
  return { where: conditions.join(" and "), values };
}
