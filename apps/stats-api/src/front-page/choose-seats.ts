import type { LeavingReason } from "@model-views/shared/contracts/front-page.ts";

/** What the choice needs of a model. */
export type Candidate = { modelId: string; category: string | null };

export type SeatsQuestion<Ranked extends Candidate> = {
  /** The ranking, the best first: different models. Those that may not be on the page for their category are left out. */
  ranked: readonly Ranked[];
  /** Seats of the page, from 1 on. */
  limit: number;
  /** The most models of one category, besides locked ones, which count too. Models without a category count as one category. */
  perCategory?: number | undefined;
  /** Models that keep a seat. Different ones, with different seats of the page. */
  locked: readonly (Candidate & { seat: number })[];
  /** Models that may not be on the page. None of them is locked. */
  excluded: ReadonlySet<string>;
};

export type Seat<Ranked extends Candidate> = {
  seat: number;
  model: Ranked | Candidate;
  /** Undefined for a locked model that is not in the ranking. */
  ranked: Ranked | undefined;
  isLocked: boolean;
};

export type Seats<Ranked extends Candidate> = {
  /** In the order of the page. A seat for which there is no model is left out. */
  seats: Seat<Ranked>[];
  /** Why a model of the ranking has no seat. */
  passedOver: Map<string, Extract<LeavingReason, "excluded" | "per-category" | "outranked">>;
};

/**
 * Who is on the front page? Locked models first, each at its seat; the others fill the free seats in the order of the ranking. One is
 * passed over when it is excluded, or when its category has all the seats that it may have.
 */
export function chooseSeats<Ranked extends Candidate>(question: SeatsQuestion<Ranked>): Seats<Ranked> {
  const { ranked, limit, perCategory = Number.POSITIVE_INFINITY, locked, excluded } = question;
  const rankedById = new Map(ranked.map((model) => [model.modelId, model]));
  const seats = new Map<number, Seat<Ranked>>();
  const ofCategory = new Map<string | null, number>();
  const take = (seat: Seat<Ranked>) => {
    seats.set(seat.seat, seat);
    const { category } = seat.model;
    ofCategory.set(category, (ofCategory.get(category) ?? 0) + 1);
  };
  for (const { seat, ...model } of locked) {
    take({ seat, model, ranked: rankedById.get(model.modelId), isLocked: true });
  }
  const free = Array.from({ length: limit }, (_, index) => index + 1).filter((seat) => !seats.has(seat));
  const isLocked = new Set(locked.map(({ modelId }) => modelId));
  const passedOver: Seats<Ranked>["passedOver"] = new Map();
  for (const model of ranked) {
    if (isLocked.has(model.modelId)) continue;
    const [seat] = free;
    if (excluded.has(model.modelId)) passedOver.set(model.modelId, "excluded");
    else if (seat === undefined) passedOver.set(model.modelId, "outranked");
    else if ((ofCategory.get(model.category) ?? 0) >= perCategory)
      passedOver.set(model.modelId, "per-category");
    else {
      free.shift();
      take({ seat, model, ranked: model, isLocked: false });
    }
  }
  return { seats: [...seats.values()].sort((a, b) => a.seat - b.seat), passedOver };
}
