/** Days of `model_days` in every period of these units. */
const days = (units: string, key: string) => `(
    select ${key}, sum(views) as views, count(*) as model_days, count(*) - count(viewers) as open
    from (select *, date_trunc(unit, day::timestamp)::date as start from model_days cross join (values ${units}) u(unit)) d
    group by ${key}
  ) d`;

/** What the raw views say of the same. */
const raw = (units: string, key: string) => `(
    select ${key}, count(*) as viewers from (
      select ${key}, viewer_identifier from (
        select *, date_trunc(unit, viewed_at at time zone 'utc')::date as start
        from model_views cross join (values ${units}) u(unit) where not is_bot
      ) r group by ${key}, viewer_identifier
    ) each_viewer group by ${key}
  ) r`;

/** Periods that are finalized and hold: of others nothing is answered, and of those that retention has touched nothing is left. */
const HOLDS = `d.open = 0 and not exists (select from retired_months
    where month < p.start + ('1 ' || p.unit)::interval and month + interval '1 month' > p.start)`;

/** Finalized weeks and months of models, as found and as the raw views have them. */
export const MODEL_PERIODS = `
select p.model_id || ' ' || p.unit || ' of ' || p.start as key, concat_ws(' ', p.views, p.viewers) as found,
  concat_ws(' ', d.views, r.viewers) as expected
from model_periods p join ${days("('week'), ('month')", "model_id, unit, start")} using (model_id, unit, start)
left join ${raw("('week'), ('month')", "model_id, unit, start")} using (model_id, unit, start)
where p.views = d.views and ${HOLDS}`;

/** Finalized days, weeks and months of the site. */
export const SITE_PERIODS = `
select p.unit || ' of ' || p.start as key, concat_ws(' ', p.views, p.viewers) as found,
  concat_ws(' ', d.views, r.viewers) as expected
from site_periods p join ${days("('day'), ('week'), ('month')", "unit, start")} using (unit, start)
left join ${raw("('day'), ('week'), ('month')", "unit, start")} using (unit, start)
where p.model_days = d.model_days and ${HOLDS}`;
