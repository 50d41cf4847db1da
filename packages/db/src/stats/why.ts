import type { Why } from "@model-views/shared/contracts/stats.ts";
import type { SQL } from "drizzle-orm";
import { dayOf } from "../audiences/reporting-days.ts";
import { type Ask, sql } from "../postgres/sql.ts";

const DAY_MS = 86_400_000;
const HOURS_A_DAY = 24;

/** Days of the reporting time zone that a model's usual views are the average of. */
export const USUAL_DAYS = 28;

/** A recent period, and the day (of the reporting time zone) that it begins in: what is usual comes from whole days before that. */
export type RecentPeriod = { hours: number; since: Date; day: string };

/** The last hours. Reads reporting_zones. */
export async function recentPeriod(
  ask: Ask,
  { hours, now }: { hours: number; now: Date },
): Promise<RecentPeriod> {
  const since = new Date(now.getTime() - (hours / HOURS_A_DAY) * DAY_MS);
  const { rows } = await ask<{ day: string }>(sql`select ${dayOf(sql`${since}::timestamptz`)}::text as day`);
  return { hours, since, day: rows[0]?.day ?? "" };
}

/** What a statement answers about a model's recent and earlier views. */
export type WhyRow = {
  /** Null where retention has removed some of them. */
  recent: number | null;
  /** Views of the `days` before. */
  before: number;
  days: number;
};

/** SQL: `model_id`, its views of the days before, and the first day among them with a view. Reads model_days by its key, or model_days_day_idx. */
export function viewsBefore({ day }: RecentPeriod, models: SQL): SQL {
  return sql`
    select model_id, sum(views) as views, min(day) as first_day from model_days
    where day >= ${day}::date - ${USUAL_DAYS}::int and day < ${day}::date and ${models} group by 1`;
}

/**
 * SQL: the days before on which the model had been viewed already, the first one included; 28 at most. Only where it has no view
 * on the first of these 28 days, its earlier ones are looked for.
 *
 * @param before a row of {@link viewsBefore}; all of it is null for a model without views on these days.
 */
export function daysBefore({ day }: RecentPeriod, { modelId, before }: { modelId: SQL; before: SQL }): SQL {
  return sql`case when ${before}.first_day = ${day}::date - ${USUAL_DAYS}::int then ${USUAL_DAYS}::int
    else greatest(0, least(${USUAL_DAYS}::int, ${day}::date - (
      select min(day) from model_days first where first.model_id = ${modelId}
    ))) end`;
}

/** In numbers and in words: the model's recent views, and how many are usual for it. */
export function whyOf({ recent, before, days }: WhyRow, hours: number): Why {
  const usual = days === 0 ? null : (before / days) * (hours / HOURS_A_DAY);
  return { views: recent, hours, usual, days, text: textOf(recent, { hours, usual, days }) };
}

function textOf(
  recent: number | null,
  { hours, usual, days }: Pick<Why, "hours" | "usual" | "days">,
): string {
  const period =
    hours === 1 ? "hour" : hours > HOURS_A_DAY ? `${hours / HOURS_A_DAY} days` : `${hours} hours`;
  const now =
    recent === null
      ? `Retention has removed views of the last ${period}`
      : `${inWords(recent)} ${recent === 1 ? "view" : "views"} in the last ${period}`;
  if (usual === null) return `${now}; there is no earlier day to compare with`;
  const history = days < USUAL_DAYS ? ` (by ${days} ${days === 1 ? "day" : "days"} of history)` : "";
  return `${now}, usually ${rounded(usual)}${history}`;
}

/** With commas, as in the English around it. */
function inWords(views: number): string {
  return views.toLocaleString("en-US");
}

/** A whole number, or one decimal below 10. */
function rounded(usual: number): string {
  return usual < 10 ? String(Number(usual.toFixed(1))) : inWords(Math.round(usual));
}

/** Digits of a score in answers: as many as are exact. */
const SCORE_DIGITS = 9;

/** Weights too small for a number of 64 bits. */
const SCORE_MIN = 1e-300;

export function roundedScore(score: number): number {
  return score < SCORE_MIN ? 0 : Number(score.toPrecision(SCORE_DIGITS));
}
