import type { Period } from "@model-views/shared/contracts/period.ts";
import type { SQL } from "drizzle-orm";
import type { Ask } from "../postgres/sql.ts";
import { sql } from "../postgres/sql.ts";
import { dayOf, daysBetween } from "./reporting-days.ts";
import { MONTH_END, MONTH_START } from "./retired-months.ts";

/** SQL: no day is longer, nor is one at which the reporting zone changes. The first and the last day may begin before a period and end after it. */
const LONGEST_DAY = sql`interval '3 days'`;

/** From an instant until just before another. */
export type Span = { start: Date; end: Date };

/** A day that a period touches. */
export type PeriodDay = Span & {
  /** As in `model_days`: `2026-11-22`. */
  day: string;
  /** The part of which retention has removed the views: what is not stored of it is unknown. Of days in UTC, all of it. */
  retired?: Span;
};

/** The days that a period touches, in order. Reads retired_months and reporting_zones alone. */
export async function daysOfPeriod(ask: Ask, { from, to }: Period): Promise<PeriodDay[]> {
  const lastMoment = sql`${to}::timestamptz - interval '1 microsecond'`;
  const { rows } = await ask<{ day: string | null } & Span>(sql`
    select day::text as day, start, null::timestamptz as end
    from (${daysBetween(dayOf(sql`${from}::timestamptz`), sql`${dayOf(lastMoment)} + 1`)}) days
    union all
    select null, ${MONTH_START}, ${MONTH_END} from retired_months
    where ${MONTH_START} <= ${to}::timestamptz + ${LONGEST_DAY} and ${MONTH_END} >= ${from}::timestamptz - ${LONGEST_DAY}
    order by 2, 1`);
  const months = rows.filter(({ day }) => day === null);
  const days = rows.filter(({ day }) => day !== null);
  return days.slice(0, -1).map(({ day, start }, index) => {
    const span = { start, end: days[index + 1]?.start ?? start };
    const retired = months.filter((month) => touches(month, span));
    return { day: day ?? "", ...span, ...retiredPart(span, retired) };
  });
}

/** Of one day; the months that it touches are neighbours. */
function retiredPart(day: Span, months: readonly Span[]): { retired?: Span } {
  const [first] = months;
  const last = months.at(-1);
  if (first === undefined || last === undefined) return {};
  return { retired: { start: later(first.start, day.start), end: earlier(last.end, day.end) } };
}

function touches(one: Span, other: Span): boolean {
  return one.start < other.end && one.end > other.start;
}

/** Every day of which retention has removed views, in order, and the days between them. */
export async function retiredDays(ask: Ask): Promise<PeriodDay[]> {
  const { rows } = await ask<{ from: Date | null; to: Date | null }>(
    sql`select min(${MONTH_START}) as "from", max(${MONTH_END}) as "to" from retired_months`,
  );
  const [{ from, to } = { from: null, to: null }] = rows;
  return from === null || to === null ? [] : daysOfPeriod(ask, { from, to });
}

/** Has retention removed views of the day that are in this span? */
export function isRetiredWithin({ retired }: PeriodDay, span: Span): boolean {
  return retired !== undefined && touches(retired, span);
}

/** What answers about a span. */
export type SpanSources = {
  /** Months (their first day) and days that are stored. */
  months: string[];
  days: string[];
  /** Hours that are stored, of days that are not, by their start: `2026-11-22T08`. */
  hours: string[];
  /** What has to be read from the views, in order. */
  raw: Span[];
  /** Days of removed months of which nothing is stored but how many views they had. */
  removed: { day: string; isWhole: boolean }[];
};

/** What is stored, with its audience. */
export type Stored = {
  hasDay: (day: string) => boolean;
  hasMonth: (month: string) => boolean;
  /** The starts of the hours, in order. */
  hours: readonly number[];
};

const HOUR_MS = 3_600_000;

/** An hour by its start: `2026-11-22T08`. */
function hourName(start: number): string {
  return new Date(start).toISOString().slice(0, 13);
}

/** SQL: the same of an instant. */
export function hourNameOf(start: SQL): SQL {
  return sql`to_char(${start} at time zone 'utc', 'YYYY-MM-DD"T"HH24')`;
}

/**
 * Divides a span into what is stored and what is not: months first, then days, then hours, then the views at its ends and of
 * open days.
 */
export function sourcesOf({ start, end }: Span, days: readonly PeriodDay[], stored: Stored): SpanSources {
  const sources: SpanSources = { months: [], days: [], hours: [], raw: [], removed: [] };
  const touched = days.filter((day) => touches(day, { start, end }));
  const isWhole = (day: PeriodDay) => day.start >= start && day.end <= end;
  for (const [month, ofMonth] of Map.groupBy(touched, ({ day }) => firstOfMonth(day))) {
    if (ofMonth.length === daysInMonth(month) && ofMonth.every(isWhole) && stored.hasMonth(month)) {
      sources.months.push(month);
      continue;
    }
    for (const day of ofMonth) {
      if (isWhole(day) && stored.hasDay(day.day)) sources.days.push(day.day);
      else if (isRetiredWithin(day, { start, end }))
        sources.removed.push({ day: day.day, isWhole: isWhole(day) });
      else addPart(sources, { start: later(day.start, start), end: earlier(day.end, end) }, stored);
    }
  }
  return sources;
}

/** Adds a part of a day: whole hours that are stored, and what is before, between and after them. */
function addPart({ hours, raw }: SpanSources, { start, end }: Span, stored: Stored): void {
  let at = start.getTime();
  for (const hour of stored.hours) {
    if (hour < at || hour + HOUR_MS > end.getTime()) continue;
    hours.push(hourName(hour));
    if (at < hour) addRaw(raw, { start: new Date(at), end: new Date(hour) });
    at = hour + HOUR_MS;
  }
  if (at < end.getTime()) addRaw(raw, { start: new Date(at), end });
}

/** Adds a span after the others; neighbours become one. */
function addRaw(raw: Span[], span: Span): void {
  const last = raw.at(-1);
  if (last?.end.getTime() === span.start.getTime()) last.end = span.end;
  else raw.push(span);
}

/** The later of two instants. */
export const later = (a: Date, b: Date) => (a > b ? a : b);
/** The earlier one. */
export const earlier = (a: Date, b: Date) => (a < b ? a : b);

/** The first day of the month of a day. */
export function firstOfMonth(day: string): string {
  return `${day.slice(0, 7)}-01`;
}

function daysInMonth(month: string): number {
  return new Date(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5, 7)), 0)).getUTCDate();
}
