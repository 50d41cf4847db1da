import { isRetiredAt } from "../audiences/retired-months.ts";
import type { Db } from "../postgres/connect.ts";
import { begin } from "../postgres/session.ts";
import { asking, sql } from "../postgres/sql.ts";
import type { AudienceTable } from "./audience-rows.ts";
import { type Calendar, openCalendar } from "./calendar.ts";
import { verifyAudiences } from "./verify-audiences.ts";
import { hotScoresInBounds } from "./verify-hot.ts";

/** A row of a rollup that differs from the raw views; null where one side has no such row. */
export type RollupDifference = {
  rollup: "model_viewers" | "model_totals" | "model_totals.hot" | "model_days" | AudienceTable;
  key: string;
  expected: string | null;
  found: string | null;
};

/** Differences that are listed for each rollup. */
export const DIFFERENCES_MAX = 100;

/** Viewers of models, by the raw views (`s`) and by the rollup (`v`). */
const VIEWERS = sql`(
    select model_id, viewer_identifier, count(*) as views, min(viewed_at) as first_viewed_at,
      max(viewed_at) as last_viewed_at
    from model_views where not is_bot group by 1, 2
  ) s full join model_viewers v using (model_id, viewer_identifier)`;

/** The viewer was seen early enough to have views that retention has removed. */
const MAY_HAVE_MORE_VIEWS = sql`v.first_viewed_at < (
    select (max(month) + interval '1 month') at time zone 'utc' from retired_months)`;

/** Days of models, by the raw views (`s`) and by the rollup (`d`). */
const daysOfModels = ({ dayOf }: Calendar) => sql`(
    select model_id, ${dayOf(sql`viewed_at`)} as day, count(*) as views from model_views where not is_bot group by 1, 2
  ) s full join model_days d using (model_id, day)`;

/** The same with the viewers of each day, which `model_days` has once the day is finalized. */
const daysAndViewers = ({ dayOf }: Calendar) => sql`(
    select model_id, day, sum(views) as views, count(*) as viewers from (
      select model_id, ${dayOf(sql`viewed_at`)} as day, viewer_identifier, count(*) as views
      from model_views where not is_bot group by 1, 2, 3
    ) each_viewer group by 1, 2
  ) s full join model_days d using (model_id, day)`;

/**
 * Each rollup: the key of each row, what is expected by the raw views, and what is found. Where retention has removed raw
 * views, what is found is expected, unless views that are left contradict it.
 */
const rollups = (calendar: Calendar) =>
  [
    {
      rollup: "model_viewers",
      rows: sql`
      select model_id || ' ' || viewer_identifier as key,
        concat_ws(' ', v.views, v.first_viewed_at, v.last_viewed_at) as found,
        case when (v.views = s.views or v.views > coalesce(s.views, 0) and ${MAY_HAVE_MORE_VIEWS})
            and (v.first_viewed_at = s.first_viewed_at or ${isRetiredAt(sql`v.first_viewed_at`)}
              and v.first_viewed_at < coalesce(s.first_viewed_at, 'infinity'))
            and (v.last_viewed_at = s.last_viewed_at or ${isRetiredAt(sql`v.last_viewed_at`)}
              and v.last_viewed_at > coalesce(s.last_viewed_at, '-infinity'))
          then concat_ws(' ', v.views, v.first_viewed_at, v.last_viewed_at)
          else concat_ws(' ', s.views, s.first_viewed_at, s.last_viewed_at) end as expected
      from ${VIEWERS}`,
    },
    {
      rollup: "model_totals",
      rows: sql`
      select model_id::text as key,
        concat_ws(' ', total_views, unique_viewers, t.last_viewed_at, nullif(forgotten_views, 0)) as found,
        concat_ws(' ', days.views, case when days.views > 0 then coalesce(viewers.viewers, 0) + coalesce(forgotten_viewers, 0) end,
          case when ${calendar.isRetired(sql`last_day`)} and ${calendar.dayOf(sql`t.last_viewed_at`)} = last_day
              and t.last_viewed_at >= coalesce(viewers.last_viewed_at, '-infinity') then t.last_viewed_at
            else greatest(viewers.last_viewed_at, ${calendar.startOf(sql`last_day`)}) end,
          nullif(days.views - coalesce(viewers.views, 0), 0)) as expected
      from (
        select model_id, sum(case when ${calendar.isRetired(sql`day`)} then greatest(d.views, s.views) else s.views end) as views,
          max(day) filter (where s.views is not null or ${calendar.isRetired(sql`day`)}) as last_day
        from ${daysOfModels(calendar)} group by 1
      ) days full join (
        select model_id, count(*) as viewers,
          max(greatest(s.last_viewed_at, case when ${isRetiredAt(sql`v.last_viewed_at`)} then v.last_viewed_at end))
            as last_viewed_at,
          sum(case when ${MAY_HAVE_MORE_VIEWS} then greatest(v.views, s.views) else s.views end) as views
        from ${VIEWERS} where s.views is not null or ${isRetiredAt(sql`v.first_viewed_at`)} group by 1
      ) viewers using (model_id) full join model_totals t using (model_id)`,
    },
    {
      rollup: "model_days",
      rows: sql`
      select model_id || ' ' || day as key, concat_ws(' ', d.views, d.viewers) as found,
        concat_ws(' ', case when ${calendar.isRetired(sql`day`)} and d.views >= coalesce(s.views, 1) then d.views else s.views end,
          case when ${calendar.isRetired(sql`day`)} and d.viewers between coalesce(s.viewers, 1) and d.views or d.viewers is null
            then d.viewers else s.viewers end) as expected
      from ${daysAndViewers(calendar)}`,
    },
    { rollup: "model_totals.hot", rows: hotScoresInBounds(calendar.days) },
  ] as const;

/**
 * Do the rollups agree with the raw views? Recomputes every one of them, all from one snapshot, so that it can run beside a
 * worker. Reads whole tables: minutes at hundreds of millions of views.
 *
 * @returns the differences, at most {@link DIFFERENCES_MAX} for each rollup; none when all is well.
 */
export async function verifyRollups(
  db: Db,
  onProgress: (rollup: string) => void = () => {},
): Promise<RollupDifference[]> {
  const client = await db.$client.connect();
  const ask = asking(client);
  const differences: RollupDifference[] = [];
  try {
    await ask(begin(client, "isolation level repeatable read read only"));
    await ask("set local statement_timeout = 0");
    const calendar = await openCalendar(ask);
    for (const { rollup, rows } of rollups(calendar)) {
      onProgress(rollup);
      const found = await ask<Omit<RollupDifference, "rollup">>(sql`
        select key, nullif(expected, '') as expected, nullif(found, '') as found from (${rows}) compared
        where expected is distinct from found order by key limit ${DIFFERENCES_MAX}`);
      differences.push(...found.rows.map((row) => ({ rollup, ...row })));
    }
    differences.push(...(await verifyAudiences(ask, { differencesMax: DIFFERENCES_MAX, onProgress })));
    await ask("commit");
  } finally {
    client.release(true);
  }
  return differences;
}
