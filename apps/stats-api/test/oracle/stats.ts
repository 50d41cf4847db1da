import type { Bots } from "@model-views/shared/contracts/stats.ts";
import { DAY_MS, iso } from "./clock.ts";
import { countedViews, knownViewers, type OracleModel, type OracleStore } from "./store.ts";
import {
  countWithin,
  isIncomplete,
  isRetired,
  removedDays,
  type Span,
  touches,
  viewersOf,
  viewsLeft,
  within,
} from "./views.ts";

export type Stats = {
  modelId: string;
  totalViews: number | null;
  uniqueViews: number | null;
  lastViewedAt: string | null;
};

/** Of all time. */
export function statsOf(model: OracleModel, bots: Bots): Stats & { totalViews: number; uniqueViews: number } {
  const ofBots = viewsLeft([model], "only");
  const lastOfBots = ofBots.length === 0 ? undefined : Math.max(...ofBots.map(({ at }) => at));
  const counted = countedViews(model);
  const lives = new Set(counted.map(({ event, life }) => `${life} ${event.viewerIdentifier}`)).size;
  const known = knownViewers(model);
  const onlyBots = [...viewersOf(ofBots)].filter((viewer) => !known.has(viewer)).length;
  const byBots = {
    exclude: [counted.length, lives, [model.last]],
    only: [ofBots.length, viewersOf(ofBots).size, [lastOfBots]],
    include: [counted.length + ofBots.length, lives + onlyBots, [model.last, lastOfBots]],
  } as const;
  const [totalViews, uniqueViews, lasts] = byBots[bots];
  const last = lasts.filter((at) => at !== undefined);
  return {
    modelId: model.id,
    totalViews,
    uniqueViews,
    lastViewedAt: last.length === 0 ? null : iso(Math.max(...last)),
  };
}

/** Of a period. Undefined when it has no views, and none are removed. */
export function statsWithin(
  store: OracleStore,
  model: OracleModel,
  { span, bots }: { span: Span; bots: Bots },
): Stats | undefined {
  const left = within(viewsLeft([model], bots), span);
  const removed = removedDays(store, [model], bots).filter((day) => touches(day, span));
  if (left.length === 0 && removed.length === 0) return undefined;
  const { views, viewers } = countWithin(store, span, { model, bots });
  const last = Math.max(...left.map(({ at }) => at));
  const isLast = left.length > 0 && removed.every((day) => day.to <= last);
  return {
    modelId: model.id,
    totalViews: views,
    uniqueViews: viewers,
    lastViewedAt: isLast ? iso(last) : null,
  };
}

export type TopQuestion = {
  bots: Bots;
  sort: "total" | "unique" | "trending";
  limit: number;
  category?: string | undefined;
  halfLifeDays?: number | undefined;
};

export type Ranked = Stats & { name: string; category: string | null };

/** A place of a top list, and the number that it is ranked by; null ranks last. */
export type Place = { item: Ranked; rank: number | null };

const TRENDING_DAYS = 30;

/** All places of all time, without the limit. */
export function topOfAllTime(store: OracleStore, question: TopQuestion, now: number): Place[] {
  const candidates = [...store.models.values()].map((model) => ({
    model,
    stats: statsOf(model, question.bots),
  }));
  return places(
    candidates.filter(
      ({ stats: { totalViews, lastViewedAt } }) =>
        totalViews > 0 &&
        (question.sort !== "trending" || now - Date.parse(lastViewedAt ?? "") <= TRENDING_DAYS * DAY_MS),
    ),
    question,
    now,
  );
}

export function topWithin(
  store: OracleStore,
  question: TopQuestion,
  span: Span,
): { places: Place[]; isIncomplete: boolean } {
  const candidates = [...store.models.values()].flatMap((model) => {
    const stats = statsWithin(store, model, { span, bots: question.bots });
    return stats === undefined ? [] : [{ model, stats }];
  });
  const isKnownByDay = question.bots === "exclude" && question.sort !== "trending";
  return {
    places: places(candidates, question, span.to),
    isIncomplete: isKnownByDay ? isIncomplete(store, span) : isRetired(store, span),
  };
}

function places(
  candidates: readonly { model: OracleModel; stats: Stats }[],
  { sort, category, halfLifeDays }: TopQuestion,
  end: number,
): Place[] {
  function rankOf({ totalViews, uniqueViews, lastViewedAt }: Stats): number | null {
    if (sort === "total") return totalViews;
    if (sort === "unique") return uniqueViews;
    if (totalViews === null || lastViewedAt === null) return null;
    const days = Math.max(0, end - Date.parse(lastViewedAt)) / DAY_MS;
    // The logarithm gives the same order as the power, which may be 0 in numbers of 64 bits.
    return halfLifeDays === undefined ? totalViews / (1 + days) : Math.log2(totalViews) - days / halfLifeDays;
  }
  const found = candidates
    .filter(({ model }) => category === undefined || model.category === category)
    .map(({ model: { name, category }, stats }) => ({
      item: { ...stats, name, category },
      rank: rankOf(stats),
    }));
  return found.sort((a, b) => byRank(a.rank, b.rank) || (a.item.modelId < b.item.modelId ? -1 : 1));
}

/** The highest first, null last. Ranks that differ only by how they are rounded are the same. */
function byRank(one: number | null, other: number | null): number {
  if (one === null || other === null) return Number(one === null) - Number(other === null);
  return Math.abs(one - other) <= 1e-13 * Math.max(1, Math.abs(one)) ? 0 : other - one;
}
