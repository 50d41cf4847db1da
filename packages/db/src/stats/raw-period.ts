import type { Bots } from "@model-views/shared/contracts/stats.ts";
import { NOT_EXPIRED } from "./views-where.ts";

/** Conditions on `model_views` by which bots count. */
const BOTS: Record<Bots, string> = { exclude: "and not is_bot", include: "", only: "and is_bot" };

/**
 * Views, viewers and last view of each model in [$1, $2) with bots or of bots alone, which are in no rollup: from the views
 * themselves. Of bots nothing is left to tell what retention has removed, so a removed month makes all of it unknown.
 *
 * @param models a condition on `model_id`, beginning with `and`.
 */
export function rawPeriod(bots: Exclude<Bots, "exclude">, models: string): string {
  return `
select coalesce(raw.model_id, gone.model_id) as model_id,
  case when gone.model_id is null then raw.views::float8 end as views,
  case when gone.model_id is null then raw.viewers::float8 end as viewers,
  case when gone.last_month is null or raw.last >= (gone.last_month + interval '1 month') at time zone 'utc' then raw.last end
    as last
from (
  select model_id, sum(views) as views, count(*) as viewers, max(last) as last
  from (
    select model_id, viewer_identifier, count(*) as views, max(viewed_at) as last
    from model_views
    where viewed_at >= $1 and viewed_at < $2 and ${NOT_EXPIRED} ${BOTS[bots]} ${models} group by 1, 2
  ) each_viewer group by 1
) raw full join (
  select model_id, last_month
  from (select id as model_id from models) m
  join lateral (
    select max(month) as last_month from retired_months
    where month::timestamp at time zone 'utc' < $2 and (month + interval '1 month') at time zone 'utc' > $1
  ) r on last_month is not null
  where true ${models}
) gone using (model_id)`;
}
