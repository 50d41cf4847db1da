import type { Db } from "../postgres/connect.ts";
import { begin } from "../postgres/session.ts";
import { MODEL_PERIODS, SITE_PERIODS } from "./finalized-periods.ts";

/** A row of a rollup that is not what the raw views say; null where one side has no such row. */
export type RollupDifference = {
  rollup: "model_viewers" | "model_totals" | "model_days" | "model_periods" | "site_periods";
  key: string;
  expected: string | null;
  found: string | null;
};

/** Differences that are listed of each rollup. */
export const DIFFERENCES_MAX = 100;

/** Is this instant (or day) in a month of which retention has removed views? Then rollups may say more than raw views. */
const isRetired = (day: string) => `date_trunc('month', ${day})::date in (select month from retired_months)`;
const utc = (instant: string) => `(${instant} at time zone 'utc')`;

/** Viewers of models, by the raw views (`s`) and by the rollup (`v`). */
const VIEWERS = `(
    select model_id, viewer_identifier, count(*) as views, min(viewed_at) as first_viewed_at,
      max(viewed_at) as last_viewed_at
    from model_views where not is_bot group by 1, 2
  ) s full join model_viewers v using (model_id, viewer_identifier)`;

/** Views that retention has removed of this viewer, if any, were in retired months. */
const MAY_HAVE_MORE_VIEWS = `v.first_viewed_at < (
    select (max(month) + interval '1 month') at time zone 'utc' from retired_months)`;

/** Days of models, by the raw views (`s`) and by the rollup (`d`). */
const DAYS = `(
    select model_id, ${utc("viewed_at")}::date as day, count(*) as views from model_views where not is_bot group by 1, 2
  ) s full join model_days d using (model_id, day)`;

/** The same with the viewers of each day, which are counted in `model_days` when it is finalized. */
const DAYS_AND_VIEWERS = `(
    select model_id, day, sum(views) as views, count(*) as viewers from (
      select model_id, ${utc("viewed_at")}::date as day, viewer_identifier, count(*) as views
      from model_views where not is_bot group by 1, 2, 3
    ) each_viewer group by 1, 2
  ) s full join model_days d using (model_id, day)`;

/**
 * Each rollup: its key, its figures as the raw views have them, and as found. Where retention has removed raw views,
 * what is found is expected, as far as nothing that is left contradicts it.
 */
const ROLLUPS = [
  {
    rollup: "model_viewers",
    figures: `
      select model_id || ' ' || viewer_identifier as key,
        concat_ws(' ', v.views, v.first_viewed_at, v.last_viewed_at) as found,
        case when (v.views = s.views or v.views > coalesce(s.views, 0) and ${MAY_HAVE_MORE_VIEWS})
            and (v.first_viewed_at = s.first_viewed_at or ${isRetired(utc("v.first_viewed_at"))}
              and v.first_viewed_at < coalesce(s.first_viewed_at, 'infinity'))
            and (v.last_viewed_at = s.last_viewed_at or ${isRetired(utc("v.last_viewed_at"))}
              and v.last_viewed_at > coalesce(s.last_viewed_at, '-infinity'))
          then concat_ws(' ', v.views, v.first_viewed_at, v.last_viewed_at)
          else concat_ws(' ', s.views, s.first_viewed_at, s.last_viewed_at) end as expected
      from ${VIEWERS}`,
  },
  {
    rollup: "model_totals",
    figures: `
      select model_id::text as key,
        concat_ws(' ', total_views, unique_viewers, t.last_viewed_at, nullif(forgotten_views, 0)) as found,
        concat_ws(' ', days.views, case when days.views > 0 then coalesce(viewers.viewers, 0) + coalesce(forgotten_viewers, 0) end,
          case when ${isRetired("last_day")} and ${utc("t.last_viewed_at")}::date = last_day
              and t.last_viewed_at >= coalesce(viewers.last_viewed_at, '-infinity') then t.last_viewed_at
            else greatest(viewers.last_viewed_at, last_day::timestamp at time zone 'utc') end,
          nullif(days.views - coalesce(viewers.views, 0), 0)) as expected
      from (
        select model_id, sum(case when ${isRetired("day")} then greatest(d.views, s.views) else s.views end) as views,
          max(day) filter (where s.views is not null or ${isRetired("day")}) as last_day
        from ${DAYS} group by 1
      ) days full join (
        select model_id, count(*) as viewers,
          max(greatest(s.last_viewed_at, case when ${isRetired(utc("v.last_viewed_at"))} then v.last_viewed_at end))
            as last_viewed_at,
          sum(case when ${MAY_HAVE_MORE_VIEWS} then greatest(v.views, s.views) else s.views end) as views
        from ${VIEWERS} where s.views is not null or ${isRetired(utc("v.first_viewed_at"))} group by 1
      ) viewers using (model_id) full join model_totals t using (model_id)`,
  },
  {
    rollup: "model_days",
    figures: `
      select model_id || ' ' || day as key, concat_ws(' ', d.views, d.viewers) as found,
        concat_ws(' ', case when ${isRetired("day")} and d.views >= coalesce(s.views, 1) then d.views else s.views end,
          case when ${isRetired("day")} and d.viewers between coalesce(s.viewers, 1) and d.views or d.viewers is null
            then d.viewers else s.viewers end) as expected
      from ${DAYS_AND_VIEWERS}`,
  },
  { rollup: "model_periods", figures: MODEL_PERIODS },
  { rollup: "site_periods", figures: SITE_PERIODS },
] as const;

/**
 * Do the rollups say what the raw views say? Recomputes every one of them, all from one snapshot, so that it can
 * run beside a worker. Reads whole tables: minutes at hundreds of millions of views.
 *
 * @returns the differences, at most {@link DIFFERENCES_MAX} of each rollup; none when all is well.
 */
export async function verifyRollups(
  db: Db,
  onProgress: (rollup: string) => void = () => {},
): Promise<RollupDifference[]> {
  const client = await db.$client.connect();
  const differences: RollupDifference[] = [];
  try {
    await client.query(begin(client, "isolation level repeatable read read only"));
    await client.query("set local statement_timeout = 0");
    for (const { rollup, figures } of ROLLUPS) {
      onProgress(rollup);
      const { rows } = await client.query<Omit<RollupDifference, "rollup">>(
        `select key, nullif(expected, '') as expected, nullif(found, '') as found from (${figures}) figures
         where expected is distinct from found order by key limit ${DIFFERENCES_MAX}`,
      );
      differences.push(...rows.map((row) => ({ rollup, ...row })));
    }
    await client.query("commit");
  } finally {
    client.release(true);
  }
  return differences;
}
