import type { Period } from "@model-views/shared/contracts/period.ts";
import type { Unit } from "../maintenance/finalize-periods.ts";
import type { Ask } from "../postgres/transaction.ts";
import { utcUnit } from "./finalized-buckets.ts";
import { NOT_EXPIRED } from "./views-where.ts";

/**
 * How to answer about a period without bots. Values of every statement: $1 and $2 are its ends, $3 its first whole day in UTC
 * and $4 the day after its last one; where it has none, both are a day after its end, and all of it is one edge.
 */
export type PeriodParts = {
  values: [from: Date, to: Date, firstDay: string, dayAfter: string];
  /** Retention has removed views of it. */
  isIncomplete: boolean;
  /** No views are known of later days: then few viewers were seen after it. */
  isRecent: boolean;
  /** It is just one day, week or month in UTC, whose viewers may be finalized. */
  unit: Unit | undefined;
};

const DAY_MS = 86_400_000;

/** Looks what there is to know of a period. Reads model_days_day_idx. */
export async function partsOfPeriod(ask: Ask, { from, to }: Period): Promise<PeriodParts> {
  let first = Math.ceil(from.getTime() / DAY_MS);
  let after = Math.floor(to.getTime() / DAY_MS);
  if (first >= after) first = after = Math.ceil(to.getTime() / DAY_MS);
  const [firstDay = "", dayAfter = ""] = [first, after].map((day) =>
    new Date(day * DAY_MS).toISOString().slice(0, 10),
  );
  const { rows } = await ask<Pick<PeriodParts, "isIncomplete" | "isRecent">>(
    `select exists (
       select from retired_months
       where month::timestamp at time zone 'utc' < $2 and (month + interval '1 month') at time zone 'utc' > $1
     ) as "isIncomplete",
     not exists (select from model_days where day > ($2::timestamptz at time zone 'utc')::date) as "isRecent"`,
    [from, to],
  );
  const { isIncomplete = false, isRecent = false } = rows[0] ?? {};
  const unit = utcUnit({ start: from, end: to });
  return { values: [from, to, firstDay, dayAfter], isIncomplete, isRecent, unit };
}

const EDGES = [
  "viewed_at >= $1 and viewed_at < least($2, $3::date::timestamp at time zone 'utc')",
  "viewed_at >= greatest($1, $4::date::timestamp at time zone 'utc') and viewed_at < $2",
];

/**
 * SQL: the views of each model, from whole days in UTC and, at the edges, from the views themselves. `is_cut`: one of the
 * removed days was cut in two, so that its views are not known; `last_removed` is the last of them.
 *
 * @param models a condition on `model_id`, beginning with `and`.
 */
export function viewsInPeriod({ isIncomplete }: PeriodParts, models: string): string {
  const parts = [
    `select model_id, views, false as is_cut, null::date as removed from model_days
     where day >= $3::date and day < $4::date ${models}`,
    ...EDGES.map(
      (edge) => `select model_id, count(*), false, null from model_views
     where ${edge} ${isIncomplete ? `and ${NOT_EXPIRED}` : ""} and not is_bot ${models} group by 1`,
    ),
  ];
  if (isIncomplete) {
    parts.push(`select model_id, 0, day < $3::date or day >= $4::date, day from model_days
     where day >= ($1::timestamptz at time zone 'utc')::date and day::timestamp at time zone 'utc' < $2
       and date_trunc('month', day)::date = any (array(select month from retired_months)) ${models}`);
  }
  return `select model_id, case when not bool_or(is_cut) then sum(views) end as views, max(removed) as last_removed
   from (${parts.join(" union all ")}) parts group by 1`;
}

/** SQL: when the model of a row `f` of {@link viewsInPeriod} was seen last in the period. By its total, or its key in the views. */
export const LAST_IN_PERIOD = `(
  select case when f.last_removed is null or last.at >= (f.last_removed + 1)::timestamp at time zone 'utc' then last.at end
  from (
    select coalesce(
      (select last_viewed_at from model_totals t where t.model_id = f.model_id and last_viewed_at >= $1 and last_viewed_at < $2),
      (select viewed_at from model_views r
        where r.model_id = f.model_id and viewed_at >= $1 and viewed_at < $2 and not is_bot and ${NOT_EXPIRED}
        order by viewed_at desc limit 1)
    ) as at
  ) last)`;

/** Whoever was seen last in the period; and of those who came back after it, whoever was seen in it as well. */
const RECENT_VIEWERS = `(
  select count(*) from model_viewers v
  where v.model_id = f.model_id and v.last_viewed_at >= $1 and v.last_viewed_at < $2
) + (
  select count(*) from model_viewers v
  where v.model_id = f.model_id and v.last_viewed_at >= $2 and v.first_viewed_at < $2
    and (v.first_viewed_at >= $1 or exists (
      select from model_views r
      where r.model_id = v.model_id and r.viewer_identifier = v.viewer_identifier
        and r.viewed_at >= $1 and r.viewed_at < $2 and not r.is_bot
    ))
)`;

const RAW_VIEWERS = `(
  select count(*) from (
    select from model_views r
    where r.model_id = f.model_id and viewed_at >= $1 and viewed_at < $2 and not is_bot group by viewer_identifier
  ) each_viewer
)`;

const FINALIZED_VIEWERS = `(
  select viewers from model_days d where d.model_id = f.model_id and d.day = $3::date
)`;

/** $3 to $4 are the whole period. */
const finalizedPeriod = (unit: Unit) => `(
  select p.viewers from model_periods p
  where p.model_id = f.model_id and p.unit = '${unit}' and p.start = $3::date and p.views = f.views and not exists (
    select from model_days d
    where d.model_id = f.model_id and d.day >= $3::date and d.day < $4::date and d.viewers is null
  )
)`;

/**
 * SQL: the viewers of a row `f` of {@link viewsInPeriod}: as they are finalized, where that is possible; by
 * model_viewers_last_viewed_idx for a period that ends about now; else `counted`, null where retention has removed some.
 *
 * @param counted counts them from the views; the views of the model by its key, if not given.
 */
export function viewersInPeriod({ isRecent, unit }: PeriodParts, counted = RAW_VIEWERS): string {
  const known = `case when f.last_removed is null then ${isRecent ? RECENT_VIEWERS : counted} end`;
  if (unit === undefined) return known;
  return `coalesce(${unit === "day" ? FINALIZED_VIEWERS : finalizedPeriod(unit)}, ${known})`;
}
