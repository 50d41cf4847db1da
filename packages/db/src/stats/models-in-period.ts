import type { Period } from "@model-views/shared/contracts/period.ts";
import type { SQL } from "drizzle-orm";
import type { ValueFilter } from "../audiences/grouping.ts";
import {
  daysOfPeriod,
  earlier,
  isRetiredWithin,
  later,
  type PeriodDay,
  type Span,
  type SpanSources,
  type Stored,
  sourcesOf,
} from "../audiences/period-days.ts";
import { hasValues } from "../audiences/raw-audiences.ts";
import { type RemovedDays, removedDays } from "../audiences/removed-days.ts";
import { NOT_RETIRED } from "../audiences/retired-months.ts";
import { storedFor } from "../audiences/stored-audiences.ts";
import { type Ask, sql } from "../postgres/sql.ts";

/** What answers about all models in a period, without bots. */
export type ModelsInPeriod = {
  /**
   * SQL: `model_id`, `views` (null where retention has removed some) and `viewers_max` of each model with views in the
   * period. It has at most so many viewers: those of its months, days and hours, added up.
   */
  statement: SQL;
  /** Retention has removed views of the period. */
  isRetired: boolean;
  removedDays: RemovedDays;
  /** Some of these are counted nowhere. */
  isIncomplete: boolean;
};

/** What can answer about every model in this period? Views come from months and days, and at the ends from hours and the views. */
export async function modelsInPeriod(ask: Ask, { from, to }: Period): Promise<ModelsInPeriod> {
  const days = await daysOfPeriod(ask, { from, to });
  const stored = (await storedFor(ask, {}, days))("");
  const span = { start: from, end: to };
  // The views of a day are known also while its viewers are not.
  const sources = wholeDaysWithRest(span, days, { ...stored, hasDay: () => true });
  const { removed } = sourcesOf(span, days, stored);
  return {
    statement: viewsOf(sources),
    isRetired: days.some((day) => isRetiredWithin(day, span)),
    removedDays: removedDays(days, span),
    isIncomplete: await areViewed(
      ask,
      removed.map(({ day }) => day),
    ),
  };
}

/** What answers about whole days, and what has to be left out of them again. */
export type SourcesWithRest = SpanSources & { rest: Span[] };

/**
 * The sources of a span. A day that the span cuts counts as a whole, without the rest of it, where the rest is shorter: when the
 * span ends now, that is the rest of today, in which there is nothing yet. Of a removed day the rest cannot be read.
 */
export function wholeDaysWithRest(span: Span, days: readonly PeriodDay[], stored: Stored): SourcesWithRest {
  const rest = days.flatMap((day) => {
    const asked = { start: later(day.start, span.start), end: earlier(day.end, span.end) };
    const isShorter = 2 * lengthOf(asked) > lengthOf(day);
    if (day.retired !== undefined || !isShorter) return [];
    const parts = [
      { start: day.start, end: asked.start },
      { start: asked.end, end: day.end },
    ];
    return parts.filter((part) => lengthOf(part) > 0);
  });
  const start = rest.find(({ end }) => end.getTime() === span.start.getTime())?.start ?? span.start;
  const end = rest.find((part) => part.start.getTime() === span.end.getTime())?.end ?? span.end;
  return { ...sourcesOf({ start, end }, days, stored), rest };
}

const lengthOf = ({ start, end }: Span) => end.getTime() - start.getTime();

function viewsOf({ months, days, hours, raw, removed, rest }: SourcesWithRest): SQL {
  const parts = [
    sql`select model_id, views, viewers as viewers_max from model_months where month = any(${sql.param(months)}::date[])`,
    sql`select model_id, views, coalesce(viewers, views) from model_days where day = any(${sql.param(days)}::date[])`,
    sql`
      select model_id, views, viewers from model_hours
      where hour = any(${sql.param(hours.map((name) => `${name}:00Z`))}::timestamptz[])`,
    ...raw.map(
      ({ start, end }) => sql`
      select model_id, count(*), count(*) from model_views
      where viewed_at >= ${start} and viewed_at < ${end} and ${NOT_RETIRED} and not is_bot group by 1`,
    ),
    ...rest.map(
      ({ start, end }) => sql`
      select model_id, -count(*), 0 from model_views
      where viewed_at >= ${start} and viewed_at < ${end} and not is_bot group by 1`,
    ),
    // An end of the period cuts these days in two.
    sql`
      select model_id, null, null from model_days
      where day = any(${sql.param(removed.map(({ day }) => day))}::date[])`,
  ];
  return sql`
    select model_id, case when bool_and(views is not null) then sum(views) end as views,
      sum(viewers_max) as viewers_max
    from (${sql.join(parts, sql` union all `)}) parts group by 1 having bool_or(views is null) or sum(views) <> 0`;
}

async function areViewed(ask: Ask, days: readonly string[]): Promise<boolean> {
  if (days.length === 0) return false;
  const { rowCount } = await ask(
    sql`select from model_days where day = any(${sql.param(days)}::date[]) limit 1`,
  );
  return rowCount === 1;
}

type LastQuestion = Period & { filters?: readonly ValueFilter[] | undefined };

/**
 * SQL: when the model of a row `f` was seen last in the period, with the values of the filters; null where only the day is known,
 * because retention has removed its views. By its total, or by its key in the views.
 */
export function lastInPeriod({ from, to, filters = [] }: LastQuestion, removed: RemovedDays): SQL {
  const byTotal = sql`
    select last_viewed_at from model_totals t
    where t.model_id = f.model_id and last_viewed_at >= ${from} and last_viewed_at < ${to}`;
  const lastRemoved = sql`(
    select max(day) from model_days d
    where d.model_id = f.model_id and ${removed.has(sql`day`)}
  )`;
  return sql`(
    select case when removed.day is null or last.at >= ${removed.endOf(sql`removed.day`)} then last.at end
    from (select ${lastRemoved} as day) removed, (
      select coalesce(
        ${filters.length === 0 ? sql`(${byTotal})` : sql`null`},
        (select viewed_at from model_views r
          where r.model_id = f.model_id and viewed_at >= ${from} and viewed_at < ${to} and not is_bot
            and ${hasValues(filters)} and ${NOT_RETIRED}
          order by viewed_at desc limit 1)
      ) as at
    ) last
  )`;
}
