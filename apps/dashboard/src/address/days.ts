import { dateFormat } from "../format/date-format.ts";

/** Arithmetic with calendar days, written `2026-11-28`. No time of day and no time zone takes part in it. */

const DAY_MS = 86_400_000;

/** The day that an instant falls on in a time zone. */
export function dayIn(instant: Date, tz: string): string {
  // Swedish writes dates as ISO 8601 does.
  return dateFormat("sv-SE", { timeZone: tz, dateStyle: "short" }).format(instant);
}

export function isDay(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && asDay(asDate(text)) === text;
}

export function addDays(day: string, days: number): string {
  return asDay(new Date(asDate(day).getTime() + days * DAY_MS));
}

/** The last day of the month where the month is shorter. */
export function addMonths(day: string, months: number): string {
  const [year = 0, month = 1, date = 1] = day.split("-").map(Number);
  const lastDate = new Date(Date.UTC(year, month + months, 0)).getUTCDate();
  return asDay(new Date(Date.UTC(year, month - 1 + months, Math.min(date, lastDate))));
}

/** Days from the first day to the second: 0 for the same. */
export function daysBetween(from: string, to: string): number {
  return Math.round((asDate(to).getTime() - asDate(from).getTime()) / DAY_MS);
}

/** The Monday of its week. */
export function startOfWeek(day: string): string {
  return addDays(day, -((asDate(day).getUTCDay() + 6) % 7));
}

export function startOfMonth(day: string): string {
  return `${day.slice(0, 7)}-01`;
}

export function startOfYear(day: string): string {
  return `${day.slice(0, 4)}-01-01`;
}

function asDate(day: string): Date {
  return new Date(`${day}T00:00:00Z`);
}

function asDay(date: Date): string {
  return Number.isNaN(date.getTime()) ? "" : date.toISOString().slice(0, 10);
}
