import type { Period } from "@model-views/shared/contracts/period.ts";
import type { Bots } from "@model-views/shared/contracts/stats.ts";
import type { SQL } from "drizzle-orm";
import { NOT_RETIRED } from "../audiences/retired-months.ts";
import { WITH_BOTS } from "../audiences/views-where.ts";
import { sql } from "../postgres/sql.ts";

/**
 * SQL: views, viewers and last view of each model in a period, with bots or of bots alone, which are in no rollup: from the
 * views themselves. Retention leaves no counts of bots, so with a removed month all of the period is unknown.
 *
 * @param models a condition on `model_id`.
 */
export function rawPeriod(
  { from, to, bots }: Period & { bots: Exclude<Bots, "exclude"> },
  models: SQL = sql`true`,
): SQL {
  return sql`
    select coalesce(raw.model_id, gone.model_id) as model_id,
      case when gone.model_id is null then raw.views::float8 end as views,
      case when gone.model_id is null then raw.viewers::float8 end as viewers,
      case
        when gone.last_month is null or raw.last >= (gone.last_month + interval '1 month') at time zone 'utc'
        then raw.last
      end as last
    from (
      select model_id, sum(views) as views, count(*) as viewers, max(last) as last
      from (
        select model_id, viewer_identifier, count(*) as views, max(viewed_at) as last
        from model_views
        where viewed_at >= ${from} and viewed_at < ${to} and ${NOT_RETIRED} and ${WITH_BOTS[bots]} and ${models}
        group by 1, 2
      ) each_viewer group by 1
    ) raw full join (
      select model_id, last_month
      from (select id as model_id from models) m
      join lateral (
        select max(month) as last_month from retired_months
        where month::timestamp at time zone 'utc' < ${to}
          and (month + interval '1 month') at time zone 'utc' > ${from}
      ) r on last_month is not null
      where ${models}
    ) gone using (model_id)`;
}
