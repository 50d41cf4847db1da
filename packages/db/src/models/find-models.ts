import type { ModelStats } from "@model-views/shared/contracts/stats.ts";
import { type Ask, sql } from "../postgres/sql.ts";

export type FoundModel = ModelStats & { name: string; category: string | null };

/** The models among these ids that exist, with their statistics of all time, in any order. By the primary keys. */
export async function findModels(ask: Ask, ids: readonly string[]): Promise<FoundModel[]> {
  const { rows } = await ask<Omit<FoundModel, "lastViewedAt"> & { lastViewedAt: Date | null }>(sql`
    select m.id::text as "modelId", m.name, m.category, coalesce(t.total_views, 0)::float8 as "totalViews",
      coalesce(t.unique_viewers, 0)::float8 as "uniqueViews", t.last_viewed_at as "lastViewedAt"
    from models m left join model_totals t on t.model_id = m.id where m.id = any(${sql.param(ids)}::uuid[])`);
  return rows.map((row) => ({ ...row, lastViewedAt: row.lastViewedAt?.toISOString() ?? null }));
}
