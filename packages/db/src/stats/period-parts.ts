import type { Period } from "@model-views/shared/contracts/period.ts";
import type { SQL } from "drizzle-orm";
import { type Ask, sql } from "../postgres/sql.ts";
import { isRetired, NOT_RETIRED } from "../rollups/retired-months.ts";
import { type Unit, utcUnit } from "../rollups/units.ts";

/** A period without bots, and the sources that can answer about it. */
export type PeriodParts = Period & {
  /** Its first whole day in UTC; where it has none, the day after its end, and all of the period is one edge. */
  firstDay: string;
  /** The day after its last whole one; where it has none, the same as `firstDay`. */
  dayAfter: string;
  /** Retention has removed views of it. */
  isIncomplete: boolean;
  /** No later day has a view, so few viewers were seen after it. */
  isRecent: boolean;
  /** It is exactly one day, week or month in UTC, whose viewers may be finalized. */
  unit: Unit | undefined;
};

const DAY_MS = 86_400_000;

/** What can answer about this period? Reads model_days_day_idx. */
export async function partsOfPeriod(ask: Ask, { from, to }: Period): Promise<PeriodParts> {
  let first = Math.ceil(from.getTime() / DAY_MS);
  let after = Math.floor(to.getTime() / DAY_MS);
  if (first >= after) first = after = Math.ceil(to.getTime() / DAY_MS);
  const dayOf = (day: number) => new Date(day * DAY_MS).toISOString().slice(0, 10);
  const { rows } = await ask<Pick<PeriodParts, "isIncomplete" | "isRecent">>(sql`
    select
      exists (
        select from retired_months
        where month::timestamp at time zone 'utc' < ${to}
          and (month + interval '1 month') at time zone 'utc' > ${from}
      ) as "isIncomplete",
      not exists (
        select from model_days where day > (${to}::timestamptz at time zone 'utc')::date
      ) as "isRecent"`);
  const { isIncomplete = false, isRecent = false } = rows[0] ?? {};
  const unit = utcUnit({ start: from, end: to });
  return { from, to, firstDay: dayOf(first), dayAfter: dayOf(after), isIncomplete, isRecent, unit };
}

/**
 * SQL: the views of each model, from whole days in UTC and, at the edges, from the views themselves. `is_cut`: an end of the
 * period cuts a removed day in two, so its views are unknown; `last_removed` is the last removed day.
 *
 * @param models a condition on `model_id`.
 */
export function viewsInPeriod(parts: PeriodParts, models: SQL = sql`true`): SQL {
  const { from, to, firstDay, dayAfter, isIncomplete } = parts;
  const days = sql`
    select model_id, views, false as is_cut, null::date as removed from model_days
    where day >= ${firstDay}::date and day < ${dayAfter}::date and ${models}`;
  const edges = [
    sql`viewed_at >= ${from} and viewed_at < least(${to}, ${startOfDay(firstDay)})`,
    sql`viewed_at >= greatest(${from}, ${startOfDay(dayAfter)}) and viewed_at < ${to}`,
  ].map(
    (edge) => sql`
    select model_id, count(*), false, null from model_views
    where ${edge} and ${isIncomplete ? NOT_RETIRED : sql`true`} and not is_bot and ${models} group by 1`,
  );
  const removed = sql`
    select model_id, 0, day < ${firstDay}::date or day >= ${dayAfter}::date, day from model_days
    where day >= (${from}::timestamptz at time zone 'utc')::date and day::timestamp at time zone 'utc' < ${to}
      and ${isRetired(sql`day`)} and ${models}`;
  const all = [days, ...edges, ...(isIncomplete ? [removed] : [])];
  return sql`
    select model_id, case when not bool_or(is_cut) then sum(views) end as views, max(removed) as last_removed
    from (${sql.join(all, sql` union all `)}) parts group by 1`;
}

function startOfDay(day: string): SQL {
  return sql`${day}::date::timestamp at time zone 'utc'`;
}

/**
 * SQL: when the model of a row `f` of {@link viewsInPeriod} was seen last in the period. By its total, or by its key in the
 * views.
 */
export function lastInPeriod({ from, to }: Period): SQL {
  return sql`(
    select case
      when f.last_removed is null or last.at >= (f.last_removed + 1)::timestamp at time zone 'utc' then last.at
    end
    from (
      select coalesce(
        (select last_viewed_at from model_totals t
          where t.model_id = f.model_id and last_viewed_at >= ${from} and last_viewed_at < ${to}),
        (select viewed_at from model_views r
          where r.model_id = f.model_id and viewed_at >= ${from} and viewed_at < ${to} and not is_bot
            and ${NOT_RETIRED}
          order by viewed_at desc limit 1)
      ) as at
    ) last
  )`;
}

/**
 * SQL: the viewers of a row `f` of {@link viewsInPeriod}: as they are finalized, where that is possible; for a period that
 * ends about now by model_viewers_last_viewed_idx; else `raw`. Null where retention has removed some.
 *
 * @param raw counts them from the views; by default by the key of the model's views.
 */
export function viewersInPeriod(parts: PeriodParts, raw: SQL = rawViewers(parts)): SQL {
  const counted = sql`case when f.last_removed is null then ${parts.isRecent ? recentViewers(parts) : raw} end`;
  if (parts.unit === undefined) return counted;
  return sql`coalesce(${finalizedViewers(parts, parts.unit)}, ${counted})`;
}

/** SQL: viewers who were last seen in the period; and, of those who came back later, the ones who were seen in it as well. */
function recentViewers({ from, to }: Period): SQL {
  return sql`(
    select count(*) from model_viewers v
    where v.model_id = f.model_id and v.last_viewed_at >= ${from} and v.last_viewed_at < ${to}
  ) + (
    select count(*) from model_viewers v
    where v.model_id = f.model_id and v.last_viewed_at >= ${to} and v.first_viewed_at < ${to}
      and (v.first_viewed_at >= ${from} or exists (
        select from model_views r
        where r.model_id = v.model_id and r.viewer_identifier = v.viewer_identifier
          and r.viewed_at >= ${from} and r.viewed_at < ${to} and not r.is_bot
      ))
  )`;
}

function rawViewers({ from, to }: Period): SQL {
  return sql`(
    select count(*) from (
      select from model_views r
      where r.model_id = f.model_id and viewed_at >= ${from} and viewed_at < ${to} and not is_bot
      group by viewer_identifier
    ) each_viewer
  )`;
}

/** SQL: null where they are not finalized. The whole days are the whole period. */
function finalizedViewers({ firstDay, dayAfter }: PeriodParts, unit: Unit): SQL {
  if (unit === "day") {
    return sql`(select viewers from model_days d where d.model_id = f.model_id and d.day = ${firstDay}::date)`;
  }
  return sql`(
    select p.viewers from model_periods p
    where p.model_id = f.model_id and p.unit = ${unit} and p.start = ${firstDay}::date and p.views = f.views
      and not exists (
        select from model_days d
        where d.model_id = f.model_id and d.day >= ${firstDay}::date and d.day < ${dayAfter}::date
          and d.viewers is null
      )
  )`;
}
