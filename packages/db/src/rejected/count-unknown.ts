import type { Pool } from "pg";

/** How many rejected views of models that do not exist are kept? Reads rejected_views_unknown_idx. */
export async function countUnknown(pool: Pick<Pool, "query">): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    "select count(*)::int as count from rejected_views where reason = 'unknown_model'",
  );
  return rows[0]?.count ?? 0;
}
