import type { Interval } from "@model-views/shared/contracts/timeseries.ts";
import { useMemo } from "react";
import type { Params } from "../api/ask.ts";
import { useSite } from "../app/site.tsx";
import type { Address } from "./address.ts";
import { addDays, dayIn, daysBetween } from "./days.ts";
import { daysOf } from "./ranges.ts";
import { useAddress } from "./use-address.ts";

/** The period that a page is about. */
export type AskedPeriod = {
  tz: string;
  /** The first day, and the last one: both included. */
  firstDay: string;
  lastDay: string;
  days: number;
  /** Whether it ends now: its last bucket still grows. */
  isOpen: boolean;
  /** The interval asked for, or one that suits its length. */
  interval: Interval;
  /** `from`, `to` and `tz` for every question about the period. */
  params: Params;
  /** Those of `params`, with `compare` where the address asks for a comparison. */
  comparedParams: Params;
  /** Filters, bots and category of the address, for the questions that take them. */
  filterParams: Params;
};

/** The period of the address, in its time zone. */
export function usePeriod(): AskedPeriod {
  const { address } = useAddress();
  const site = useSite();
  return useMemo(() => periodOf(address, site), [address, site]);
}

/** @param site `now` is the server's clock, so that a wrong clock of the reader does not choose the days. */
export function periodOf(
  { range, tz: askedTz, compare, interval, bots, filters }: Address,
  site: { now: string; reportingTimeZone: string; firstViewedAt: string | null },
): AskedPeriod {
  const tz = askedTz ?? site.reportingTimeZone;
  const now = new Date(site.now);
  const today = dayIn(now, tz);
  const firstDay = site.firstViewedAt === null ? undefined : dayIn(new Date(site.firstViewedAt), tz);
  const { from, to } =
    typeof range === "string"
      ? daysOf(range, { now, tz, firstDay })
      : { from: range.from, to: range.to >= today ? undefined : addDays(range.to, 1) };
  const lastDay = to === undefined ? laterDay(from, today) : addDays(to, -1);
  const days = daysBetween(from, lastDay) + 1;
  const params = { from, to, tz };
  return {
    tz,
    firstDay: from,
    lastDay,
    days,
    isOpen: to === undefined,
    interval: fittingInterval(interval, days),
    params,
    comparedParams: { ...params, compare: compare === "none" ? undefined : compare },
    filterParams: { ...filters, bots: bots === "exclude" ? undefined : bots },
  };
}

function laterDay(one: string, other: string): string {
  return one.localeCompare(other) > 0 ? one : other;
}

/** Buckets in a chart at most; the stats API answers 1,000. */
const BUCKETS_MAX = 1_000;
const DAYS_OF: Readonly<Record<Interval, number>> = { hour: 1 / 24, day: 1, week: 7, month: 28 };

function fittingInterval(asked: Interval | undefined, days: number): Interval {
  if (asked !== undefined && days / DAYS_OF[asked] <= BUCKETS_MAX - 2) return asked;
  if (days <= 2) return "hour";
  if (days <= 92) return "day";
  return days <= 740 ? "week" : "month";
}
