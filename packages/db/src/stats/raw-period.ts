import type { Period } from "@model-views/shared/contracts/period.ts";
import type { Bots } from "@model-views/shared/contracts/stats.ts";
import type { SQL } from "drizzle-orm";
import type { ValueFilter } from "../audiences/grouping.ts";
import { hasValues } from "../audiences/raw-audiences.ts";
import type { RemovedDays } from "../audiences/removed-days.ts";
import { MONTH_END, MONTH_START, NOT_RETIRED } from "../audiences/retired-months.ts";
import { WITH_BOTS } from "../audiences/views-where.ts";
import { sql } from "../postgres/sql.ts";

export type RawPeriodQuestion = Period & { bots: Bots; filters?: readonly ValueFilter[] | undefined };

/**
 * SQL: views, viewers and last view of each model in a period, from the views themselves: with bots or of bots alone, which are
 * in no rollup, or with these values. What retention has removed is unknown: of bots every removed month, else the days on which the
 * model had views.
 *
 * @param removed the days of the period of which retention has removed views.
 * @param models a condition on `model_id`.
 */
export function rawPeriod(question: RawPeriodQuestion, removed: RemovedDays, models: SQL = sql`true`): SQL {
  const { from, to, bots, filters } = question;
  return sql`
    select coalesce(raw.model_id, gone.model_id) as model_id,
      case when gone.model_id is null then raw.views::float8 end as views,
      case when gone.model_id is null then raw.viewers::float8 end as viewers,
      case when gone.known_from is null or raw.last >= gone.known_from then raw.last end as last
    from (
      select model_id, sum(views) as views, count(*) as viewers, max(last) as last
      from (
        select model_id, viewer_identifier, count(*) as views, max(viewed_at) as last
        from model_views
        where viewed_at >= ${from} and viewed_at < ${to} and ${NOT_RETIRED} and ${WITH_BOTS[bots]} and ${hasValues(filters)}
          and ${models}
        group by 1, 2
      ) each_viewer group by 1
    ) raw full join (${bots === "exclude" ? removedDays(removed, models) : removedMonths(question, models)}) gone
    using (model_id)`;
}

/** SQL: models with views on removed days of the period, and when the removed part of the last of these days ended. */
function removedDays(removed: RemovedDays, models: SQL): SQL {
  return sql`
    select model_id, max(${removed.endOf(sql`day`)}) as known_from
    from model_days where ${removed.has(sql`day`)} and ${models} group by 1`;
}

/** SQL: all models where a month of the period was removed, and when the last of these months ended. */
function removedMonths({ from, to }: Period, models: SQL): SQL {
  return sql`
    select model_id, (last_month + interval '1 month') at time zone 'utc' as known_from
    from (select id as model_id from models) m
    join lateral (
      select max(month) as last_month from retired_months
      where ${MONTH_START} < ${to} and ${MONTH_END} > ${from}
    ) r on last_month is not null
    where ${models}`;
}
