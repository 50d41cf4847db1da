import type { Period } from "@model-views/shared/period.ts";
import type { RankedInPeriod, StatsOfPeriod } from "@model-views/shared/period-stats.ts";
import type { Bots, TopSort } from "@model-views/shared/stats.ts";
import type { Ask } from "../transaction.ts";
import { NOT_RETIRED } from "./views-where.ts";

export type WindowQuestion = Period & { bots: Bots };

/** Conditions on `model_views` by which bots count. */
const BOTS: Record<Bots, string> = { exclude: "and not is_bot", include: "", only: "and is_bot" };

/**
 * Views, viewers and last view of each model in [$1, $2). What retention has removed is still known by day in UTC: a day
 * that lies in the period counts, one that is cut in two makes the views unknown (null), and either makes the viewers
 * unknown. Of bots nothing is left to tell, so a removed month makes all of it unknown.
 */
function figures(bots: Bots, models: string): string {
  const raw = `select model_id, sum(views) as views, count(*) as viewers, max(last) as last
    from (
      select model_id, viewer_identifier, count(*) as views, max(viewed_at) as last
      from model_views
      where viewed_at >= $1 and viewed_at < $2 and ${NOT_RETIRED} ${BOTS[bots]} ${models} group by 1, 2
    ) each_viewer group by 1`;
  const removed =
    bots === "exclude"
      ? `select model_id, sum(views) as views, max(day) as last_day,
           bool_and(day::timestamp at time zone 'utc' >= $1 and (day + 1)::timestamp at time zone 'utc' <= $2) as is_whole
         from model_days join retired_months on month = date_trunc('month', day)::date
         where day >= ($1::timestamptz at time zone 'utc')::date and day::timestamp at time zone 'utc' < $2 ${models}
         group by 1`
      : `select id as model_id, 0 as views, month as last_day, false as is_whole
         from (select id as model_id, id from models) m
         join lateral (
           select max(month) as month from retired_months
           where month::timestamp at time zone 'utc' < $2 and (month + interval '1 month') at time zone 'utc' > $1
         ) r on month is not null
         where true ${models}`;
  return `select coalesce(raw.model_id, gone.model_id) as model_id,
      case when gone.model_id is null or gone.is_whole
        then (coalesce(raw.views, 0) + coalesce(gone.views, 0))::float8 end as views,
      case when gone.model_id is null then raw.viewers::float8 end as viewers,
      case when gone.last_day is null or raw.last >= (gone.last_day + 1)::timestamp at time zone 'utc' then raw.last end as last
    from (${raw}) raw full join (${removed}) gone using (model_id)`;
}

type FiguresRow = { model_id: string; views: number | null; viewers: number | null; last: Date | null };

function statsOf({ model_id: modelId, views, viewers, last }: FiguresRow): StatsOfPeriod {
  return { modelId, totalViews: views, uniqueViews: viewers, lastViewedAt: last?.toISOString() ?? null };
}

/**
 * How many views and viewers had each of these models in a period, and when was it seen last in it? A model without views
 * has 0, 0, null; one that does not exist is not in the answer. Reads the views by their primary key.
 */
export async function manyWindowStats(
  ask: Ask,
  ids: readonly string[],
  { from, to, bots }: WindowQuestion,
): Promise<StatsOfPeriod[]> {
  const { rows } = await ask<FiguresRow>(
    `select m.id as model_id, case when f.model_id is null then 0 else f.views end as views,
       case when f.model_id is null then 0 else f.viewers end as viewers, f.last
     from models m left join (${figures(bots, "and model_id = any($3::uuid[])")}) f on f.model_id = m.id
     where m.id = any($3::uuid[])`,
    [from, to, ids],
  );
  return rows.map(statsOf);
}

/** How the models of a period are ranked; figures that are not known any more come last. */
const RANKS: Record<TopSort, string> = {
  total: "views",
  unique: "viewers",
  trending:
    "case when last is not null then views / (1 + greatest(0, extract(epoch from $2::timestamptz - last)) / 86400) end",
};

/**
 * The logarithm of `views * 2^(-days from the last view to the end / half-life)`: the power itself may be too small for a
 * number. The half-life, in days, is $5.
 */
const RANK_BY_HALF_LIFE = `case when last is not null then ln(nullif(views, 0)) / ln(2::float8)
  - greatest(0, extract(epoch from $2::timestamptz - last))::float8 / 86400 / $5::float8 end`;

/**
 * Which models were viewed most in a period, by most viewers, or lately before its end? Ties are broken by model id, so
 * rows never swap between calls. Reads all views of the period.
 *
 * `trending` is `views / (1 + days from the last view to the end)`, with parts of days; with `halfLifeDays`, more than 0, it
 * is `views * 2^(-days from the last view to the end / halfLifeDays)`.
 */
export async function topInWindow(
  ask: Ask,
  {
    from,
    to,
    bots,
    sort,
    limit,
    category,
    halfLifeDays,
  }: WindowQuestion & {
    sort: TopSort;
    limit: number;
    category?: string | undefined;
    halfLifeDays?: number | undefined;
  },
): Promise<{ items: RankedInPeriod[]; isIncomplete: boolean }> {
  const byHalfLife = sort === "trending" && halfLifeDays !== undefined;
  const { rows } = await ask<FiguresRow & { name: string; category: string | null }>(
    `select f.*, m.name, m.category from (${figures(bots, "")}) f join models m on m.id = f.model_id
     where ($4::text is null or m.category = $4)
     order by ${byHalfLife ? RANK_BY_HALF_LIFE : RANKS[sort]} desc nulls last, f.model_id limit $3`,
    [from, to, limit, category ?? null, ...(byHalfLife ? [halfLifeDays] : [])],
  );
  const removed = await ask<{ is_incomplete: boolean }>(
    `select exists (
       select from retired_months
       where month::timestamp at time zone 'utc' < $2 and (month + interval '1 month') at time zone 'utc' > $1
     ) as is_incomplete`,
    [from, to],
  );
  return {
    items: rows.map(({ name, category, ...row }) => ({ ...statsOf(row), name, category })),
    isIncomplete: removed.rows[0]?.is_incomplete ?? false,
  };
}
