import type { ViewEvent } from "@model-views/shared/contracts/view-event.ts";
import type { Pool } from "pg";
import { asking, sql } from "../postgres/sql.ts";

/** Where a view is now; `missing`: neither stored nor rejected, so it waits, or its viewer was erased. */
export type Became = { result: "stored" } | { result: "rejected"; reason: string } | { result: "missing" };

/** Stands for a time that PostgreSQL refuses: such a view is never stored. */
const NO_TIME = "-infinity";

/** What became of these views? In their order; reads the primary keys of `model_views` and `rejected_views`. */
export async function whatBecameOf(pool: Pool, views: readonly ViewEvent[]): Promise<Became[]> {
  const modelIds = sql.param(views.map(({ modelId }) => modelId));
  const times = sql.param(views.map(({ viewedAt }) => (viewedAt.startsWith("0000") ? NO_TIME : viewedAt)));
  const ids = sql.param(views.map(({ id }) => id));
  const { rows } = await asking(pool)<{ stored: boolean; reason: string | null }>(sql`
    select
      exists (
        select from model_views v where v.model_id = g.model_id and v.viewed_at = g.viewed_at and v.id = g.id
      ) as stored,
      (
        select coalesce(r.sqlstate, r.reason) from rejected_views r
        where r.model_id = g.model_id and r.id = g.id limit 1
      ) as reason
    from unnest(${modelIds}::uuid[], ${times}::timestamptz[], ${ids}::uuid[]) with ordinality
      as g(model_id, viewed_at, id, position)
    order by g.position`);
  return rows.map(({ stored, reason }) => {
    if (stored) return { result: "stored" };
    return reason === null ? { result: "missing" } : { result: "rejected", reason };
  });
}
