import { type Ask, sql } from "../postgres/sql.ts";

export type RejectedCounts = {
  items: { reason: string; views: number; newestAt: Date }[];
  unkeptViews: number;
};

/** How many views were rejected, by reason, the most first, and how many are not kept? Reads all rows of both tables, which are limited. */
export async function rejectedCounts(ask: Ask): Promise<RejectedCounts> {
  const { rows: items } = await ask<RejectedCounts["items"][number]>(sql`
    select reason, count(*)::float8 as views, max(rejected_at) as "newestAt" from rejected_views
    group by reason order by views desc, reason`);
  const { rows } = await ask<{ views: number }>(
    sql`select coalesce(sum(views), 0)::float8 as views from unkept_views`,
  );
  return { items, unkeptViews: rows[0]?.views ?? 0 };
}
