import type { StatsOfPeriodAnswer } from "@model-views/shared/contracts/period-stats.ts";

export type ModelTotals = StatsOfPeriodAnswer & {
  previous?: { totalViews: number | null; uniqueViews: number | null };
};
