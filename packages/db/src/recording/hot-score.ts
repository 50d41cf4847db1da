import type { HalfLife } from "@model-views/shared/contracts/stats.ts";
import type { SQL } from "drizzle-orm";
import type { PeriodDay } from "../audiences/period-days.ts";
import { NOT_RETIRED } from "../audiences/retired-months.ts";
import { sql } from "../postgres/sql.ts";

/**
 * How hot a model is: every view weighs 2^(−age ÷ half-life), so a view of now weighs 1, and the score is the sum of the weights.
 *
 * `model_totals` has log2 of Σ 2^((time of the view − landmark) ÷ half-life), a column for each half-life. As time passes, every
 * score is divided by the same number, so a column changes only with views, and its order is the order of the scores at any
 * time. This is forward decay: Cormode, Shkapenyuk, Srivastava and Xu, "Forward Decay: A Practical Time Decay Model for Streaming
 * Systems", ICDE 2009. The logarithm keeps the numbers in range: with a half-life of an hour, a year is a factor of 2^8766.
 *
 * The functions here make SQL on numbers of 64 bits. After a million updates the relative error of a score is below 1e-9.
 */
export const HOT_SCORES: Readonly<Record<HalfLife, { column: string; seconds: number }>> = {
  "1h": { column: "hot_1h", seconds: 3_600 },
  "1d": { column: "hot_1d", seconds: 86_400 },
  "7d": { column: "hot_7d", seconds: 604_800 },
};

const SCORES = Object.values(HOT_SCORES);

/** 2026-01-01 in UTC, in seconds since 1970. It must never change: every stored score is relative to it. */
export const LANDMARK_SECONDS = 1_767_225_600;

/** A part that is so much smaller than the largest one does not change a sum, and PostgreSQL refuses powers below 2^-1074. */
const EXPONENT_MIN = -1_000;

/** A list of SQL, one for each half-life. */
export function ofEachScore(write: (score: { column: string; seconds: number }) => string): string {
  return SCORES.map(write).join(", ");
}

/** SQL: since when a view decays, in seconds since the landmark. One that is ahead of PostgreSQL's clock weighs as one of now. */
export function decaysSince(viewedAt: string): string {
  return `(date_part('epoch', least(${viewedAt}, now())) - ${LANDMARK_SECONDS})`;
}

/** SQL: 2 to the power of a number below 1,000. */
export function powerOf2(exponent: string): string {
  return `power(2::float8, greatest(${EXPONENT_MIN}, ${exponent}))`;
}

/** SQL: the logarithm to the base 2 of a number above 0. */
export function log2(number: string): string {
  return `ln(${number}) / ln(2::float8)`;
}

/** SQL: the logarithm of the sum of two scores that are given by their logarithms. Minus infinity stands for no views. */
export function mergedScores(one: string, other: string): string {
  return `greatest(${one}, ${other}) + ${log2(`1 + ${powerOf2(`-abs(${one} - ${other})`)}`)}`;
}

/**
 * SQL: `views`, `last_viewed_at` and the scores of each model in these rows, which have `model_id` and `viewed_at`. For some
 * thousand rows: it sorts them.
 */
export function countedWithScores(rows: string): string {
  return `
    select model_id, count(*) as views, max(viewed_at) as last_viewed_at, ${ofEachScore(
      ({ column, seconds }) =>
        `latest / ${seconds} + ${log2(`sum(${powerOf2(`(since - latest) / ${seconds}`)})`)} as ${column}`,
    )}
    from (
      select *, max(since) over (partition by model_id) as latest
      from (select model_id, viewed_at, ${decaysSince("viewed_at")} as since from ${rows}) r
    ) each_view group by model_id, latest`;
}

/**
 * SQL: `model_id`, `start`, `middle`, `next_start` and `views` of the days of which retention has removed views, with how many
 * it has removed: of a day that is removed only in part, others are still there.
 *
 * @param days every day of which retention has removed views.
 * @param models a condition on `model_id`.
 */
export function viewsOfRemovedDays(days: readonly PeriodDay[], models: SQL): SQL {
  const gone = days.filter(({ retired }) => retired !== undefined);
  const isPart = ({ start, end, retired }: PeriodDay) =>
    retired?.start.getTime() !== start.getTime() || retired.end.getTime() !== end.getTime();
  return sql`
    select model_id, start, start + (next_start - start) / 2 as middle, next_start, views
    from (
      select model_id, start, next_start, d.views - case when is_part then (
        select count(*) from model_views r
        where r.model_id = d.model_id and viewed_at >= start and viewed_at < next_start and not is_bot and ${NOT_RETIRED}
      ) else 0 end as views
      from model_days d join unnest(
        ${sql.param(gone.map(({ day }) => day))}::date[], ${sql.param(gone.map(({ start }) => start))}::timestamptz[],
        ${sql.param(gone.map(({ end }) => end))}::timestamptz[], ${sql.param(gone.map(isPart))}::bool[]
      ) removed(day, start, next_start, is_part) using (day)
      where ${models}
    ) each_day where views > 0`;
}

/**
 * SQL: the scores of these models, counted from what is left: their views, and the days of which retention has removed views,
 * whose views count as in the middle of the day. Their rows in `model_totals` have to be right otherwise.
 *
 * @param models a condition on `model_id`.
 * @param days every day of which retention has removed views.
 */
export function scoresAnew(models: SQL, days: readonly PeriodDay[]): SQL {
  return sql`
    select model_id, ${sql.raw(
      ofEachScore(
        ({ column, seconds }) =>
          `r.since / ${seconds} + ${log2(`sum(v.views * ${powerOf2(`(v.since - r.since) / ${seconds}`)})`)} as ${column}`,
      ),
    )}
    from (
      select model_id, ${sql.raw(decaysSince("last_viewed_at"))} as since from model_totals where ${models}
    ) r join (
      select model_id, ${sql.raw(decaysSince("viewed_at"))} as since, 1 as views
      from model_views where not is_bot and ${NOT_RETIRED} and ${models}
      union all
      select model_id, ${sql.raw(decaysSince("middle"))}, views from (${viewsOfRemovedDays(days, models)}) removed_days
    ) v using (model_id)
    group by model_id, r.since`;
}
