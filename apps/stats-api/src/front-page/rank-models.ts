import type { Db } from "@model-views/db/postgres/connect.ts";
import { cancelledBy } from "@model-views/db/postgres/connect.ts";
import { hotModels } from "@model-views/db/stats/hot-models.ts";
import { modelsTable } from "@model-views/db/stats/models-table.ts";
import { risingModels } from "@model-views/db/stats/rising-models.ts";
import { topModels } from "@model-views/db/stats/top-models.ts";
import type { StatsOfPeriod } from "@model-views/shared/contracts/period-stats.ts";
import type { HalfLife, TopSort, Why } from "@model-views/shared/contracts/stats.ts";
import type { InPeriod } from "../http/in-period.ts";
import { hasPeriod, resolvedPeriod } from "../http/periods.ts";

/** A model of a ranking. */
export type RankedForSeat = StatsOfPeriod & {
  name: string;
  category: string | null;
  score?: number;
  why?: Why;
};

export type Ranking = {
  /** The best first: every model that the ranking has. */
  ranked: RankedForSeat[];
  /** With a period: its counts of a model that is not ranked. */
  period?: { from: string; to: string };
  isIncomplete: boolean;
};

export type RankingQuestion = {
  sort: TopSort;
  halfLife?: HalfLife | undefined;
  from?: string | undefined;
  to?: string | undefined;
  tz: string;
};

/** Models in one ranking: more than a website has. */
const RANKED_MAX = 10_000_000;

/** The whole ranking, of all categories, so that for each model that is on no seat the reason is known. */
export async function rankModels(
  { db, inPeriod }: { db: Db; inPeriod: InPeriod },
  { sort, halfLife = "1d", ...asked }: RankingQuestion,
  { now, unwanted }: { now: Date; unwanted: AbortSignal },
): Promise<Ranking> {
  const all = { limit: RANKED_MAX, now, signal: unwanted };
  if (sort === "hot" || sort === "rising") {
    const ranked =
      sort === "hot"
        ? await hotModels(db.$client, { ...all, halfLife })
        : await risingModels(db.$client, all);
    return { ranked, isIncomplete: false };
  }
  if (!hasPeriod(asked)) {
    return { ranked: await topModels(cancelledBy(db, unwanted), { ...all, sort }), isIncomplete: false };
  }
  return inPeriod(asked, { now, unwanted }, async (ask, period) => {
    const { items, isIncomplete } = await modelsTable(ask, {
      from: period.from,
      to: period.to,
      bots: "exclude",
    });
    const ranked = items
      .filter(({ totalViews }) => totalViews !== 0)
      .map(({ createdAt: _, ...model }): RankedForSeat => model);
    return {
      ranked: sort === "unique" ? ranked.toSorted(byViewers) : ranked,
      period: resolvedPeriod(period),
      isIncomplete,
    };
  });
}

/** The most viewers first, then by id; unknown ones last. */
function byViewers(a: RankedForSeat, b: RankedForSeat): number {
  const difference = (b.uniqueViews ?? -1) - (a.uniqueViews ?? -1);
  if (difference !== 0) return difference;
  return a.modelId < b.modelId ? -1 : 1;
}
