import type { Period } from "@model-views/shared/contracts/period.ts";
import { BUCKETS_MAX, type Interval } from "@model-views/shared/contracts/timeseries.ts";
import { wrong } from "./period-query.ts";

const HOUR_MS = 3_600_000;
/** How long buckets are, about. */
const BUCKET_MS: Record<Interval, number> = {
  hour: HOUR_MS,
  day: 24 * HOUR_MS,
  week: 7 * 24 * HOUR_MS,
  month: 30 * 24 * HOUR_MS,
};

/** @throws {ProblemError} a `422` when the interval cuts the period into too many buckets. */
export function checkBuckets({ from, to }: Period, interval: Interval): void {
  if ((to.getTime() - from.getTime()) / BUCKET_MS[interval] > BUCKETS_MAX) {
    throw wrong("interval", `makes more than ${BUCKETS_MAX} buckets of this period`);
  }
}
