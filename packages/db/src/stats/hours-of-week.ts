import type { HourOfWeek } from "@model-views/shared/contracts/hours-of-week.ts";
import type { Period } from "@model-views/shared/contracts/period.ts";
import type { Bots } from "@model-views/shared/contracts/stats.ts";
import type { ValueFilter } from "../audiences/grouping.ts";
import { daysOfPeriod, isRetiredWithin } from "../audiences/period-days.ts";
import { hasValues } from "../audiences/raw-audiences.ts";
import { NOT_RETIRED } from "../audiences/retired-months.ts";
import { WITH_BOTS } from "../audiences/views-where.ts";
import { type Ask, sql } from "../postgres/sql.ts";

export type HoursQuestion = Period & {
  /** Of one model; of the whole site when absent. */
  modelId?: string | undefined;
  filters?: readonly ValueFilter[] | undefined;
  tz: string;
  bots: Bots;
};

const WEEKDAYS = 7;
const HOURS = 24;

/**
 * How many views came in each hour of the week, by the clock of a time zone? All 168 hours, from Monday at midnight on. An hour that
 * the clock shows twice counts both times.
 *
 * Reads the views of the period: of one model by the primary key. They are counted by quarter of an hour first, because no clock is set
 * at another time, and only those get their local time. `isIncomplete`: retention has removed views of the period. Ask it in a
 * transaction of one snapshot.
 */
export async function hoursOfWeek(
  ask: Ask,
  question: HoursQuestion,
): Promise<{ items: HourOfWeek[]; isIncomplete: boolean }> {
  const { from, to, modelId, filters, tz, bots } = question;
  const ofModel = modelId === undefined ? sql`true` : sql`model_id = ${modelId}::uuid`;
  const { rows } = await ask<HourOfWeek>(sql`
    select extract(isodow from local)::int as weekday, extract(hour from local)::int as hour, sum(views)::float8 as views
    from (
      select date_bin('15 minutes', viewed_at, 'epoch') at time zone ${tz} as local, count(*) as views
      from model_views
      where viewed_at >= ${from} and viewed_at < ${to} and ${ofModel} and ${hasValues(filters)} and ${WITH_BOTS[bots]}
        and ${NOT_RETIRED}
      group by date_bin('15 minutes', viewed_at, 'epoch')
    ) quarters group by 1, 2`);
  const viewsAt = new Map(rows.map(({ weekday, hour, views }) => [`${weekday} ${hour}`, views]));
  const items = Array.from({ length: WEEKDAYS * HOURS }, (_, index) => {
    const [weekday, hour] = [Math.floor(index / HOURS) + 1, index % HOURS];
    return { weekday, hour, views: viewsAt.get(`${weekday} ${hour}`) ?? 0 };
  });
  return { items, isIncomplete: await areRemoved(ask, question) };
}

/** Has retention removed views of the period? Of bots that is not known, so any removed month counts. */
async function areRemoved(ask: Ask, { from, to, modelId, bots }: HoursQuestion): Promise<boolean> {
  const days = await daysOfPeriod(ask, { from, to });
  const removed = days.filter((day) => isRetiredWithin(day, { start: from, end: to }));
  if (removed.length === 0 || bots !== "exclude") return removed.length > 0;
  const ofModel = modelId === undefined ? sql`true` : sql`model_id = ${modelId}::uuid`;
  const { rowCount } = await ask(sql`
    select from model_days where day = any(${sql.param(removed.map(({ day }) => day))}::date[]) and ${ofModel} limit 1`);
  return rowCount === 1;
}
