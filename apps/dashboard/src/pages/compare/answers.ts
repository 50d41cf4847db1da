import type { StatsOfPeriodAnswer } from "@model-views/shared/contracts/period-stats.ts";

export type ModelTotals = StatsOfPeriodAnswer & {
  previous?: { totalViews: number | null; uniqueViews: number | null };
};

type Place = { rank: number | null; of: number };
type Places = { byViews: Place; byViewers: Place };

export type RankAnswer = { modelId: string; inCategory: (Places & { category: string }) | null } & Places;
