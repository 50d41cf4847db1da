import type { LeavingModel, LeavingReason } from "@model-views/shared/contracts/front-page.ts";
import type { TopSort } from "@model-views/shared/contracts/stats.ts";
import type { Seats } from "./choose-seats.ts";
import type { RankedForSeat } from "./rank-models.ts";

/** What a ranking has no model without. */
const NO_VIEWS: Record<TopSort, string> = {
  total: "no views",
  unique: "no views",
  trending: "no views in the last 30 days",
  hot: "no views",
  rising: "no views in the last 24 hours",
};

export type LeavingQuestion = {
  sort: TopSort;
  /** The ranking is of a period. */
  isOfPeriod: boolean;
  category?: string | undefined;
  perCategory?: number | undefined;
  excluded: ReadonlySet<string>;
  /** The models of the page as it is now, by seat. */
  current: readonly string[];
  known: ReadonlyMap<string, { name: string; category: string | null }>;
};

/** Which models are not on the page any more, and why? */
export function leavingModels(
  { seats, passedOver }: Seats<RankedForSeat>,
  question: LeavingQuestion,
): LeavingModel[] {
  const seated = new Set(seats.map(({ model }) => model.modelId));
  return question.current.flatMap((modelId, index) => {
    if (seated.has(modelId)) return [];
    const model = question.known.get(modelId);
    const reason = reasonOf(modelId, passedOver, question);
    return [
      {
        modelId,
        name: model?.name ?? null,
        category: model?.category ?? null,
        wasSeat: index + 1,
        reason,
        text: textOf(reason, question, model?.category ?? null),
      },
    ];
  });
}

function reasonOf(
  modelId: string,
  passedOver: Seats<RankedForSeat>["passedOver"],
  { known, excluded, category }: LeavingQuestion,
): LeavingReason {
  const model = known.get(modelId);
  if (model === undefined) return "unknown-model";
  if (excluded.has(modelId)) return "excluded";
  if (category !== undefined && model.category !== category) return "wrong-category";
  return passedOver.get(modelId) ?? "no-views";
}

function textOf(
  reason: LeavingReason,
  { sort, isOfPeriod, category, perCategory }: LeavingQuestion,
  ofModel: string | null,
): string {
  switch (reason) {
    case "unknown-model":
      return "There is no such model any more";
    case "excluded":
      return "Excluded";
    case "wrong-category":
      return `Not of the category ${category}`;
    case "no-views":
      return `It has ${NO_VIEWS[sort]}${isOfPeriod ? " in this period" : ""}`;
    case "per-category":
      return `At most ${perCategory} ${ofModel === null ? "without a category" : `of the category ${ofModel}`} may have a seat`;
    case "outranked":
      return "Others rank before it";
  }
}
