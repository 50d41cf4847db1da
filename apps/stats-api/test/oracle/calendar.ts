import { DAY_MS, instantOf, localAt, utcDay } from "./clock.ts";

/** From when on the days are those of a zone. The first day begins then, at any time of the day. */
export type ZoneChange = { since: number; firstDay: number; tz: string };

/** The days of the reporting time zone. A day is named by the start of the day in UTC with the same date. */
export class OracleCalendar {
  /** The newest first. */
  readonly #changes: readonly ZoneChange[];

  constructor(changes: readonly ZoneChange[] = []) {
    this.#changes = [...changes, { since: -Infinity, firstDay: -Infinity, tz: "UTC" }];
  }

  dayOf(at: number): number {
    const { firstDay, tz } = this.#changes.find(({ since }) => since <= at) ?? {};
    const day = utcDay(localAt(at, tz ?? "UTC"));
    return Math.max(day, firstDay ?? day);
  }

  startOf(day: number): number {
    const { since, firstDay, tz } = this.#changes.find((change) => change.firstDay <= day) ?? {};
    if (since === undefined || tz === undefined) throw new Error("a day of no zone");
    return firstDay === day ? since : Math.max(since, instantOf(day, tz));
  }

  spanOf(day: number): { from: number; to: number } {
    return { from: this.startOf(day), to: this.startOf(day + DAY_MS) };
  }
}
