import type { Bots } from "@model-views/shared/contracts/stats.ts";
import { isStored } from "./finalize.ts";
import { countedViews, type OracleModel, type OracleStore } from "./store.ts";
import { isInside, removedDays, type Span, touches, viewersOf, viewsLeft, within } from "./views.ts";

type Question = { span: Span; bots: Bots };

/** How the viewers of models overlap in a span; null where retention has removed who viewed one of them. */
export function overlapOf(store: OracleStore, models: readonly OracleModel[], question: Question) {
  const viewers = models.map((model) => viewersWithin(store, model, question));
  const areKnown = viewers.every((of) => of !== null);
  const any = [...new Set(viewers.flatMap((of) => [...(of ?? [])]))];
  const modelsSeen = (viewer: string) => viewers.filter((of) => of?.has(viewer)).length;
  const seenBy = (count: number) => any.filter((viewer) => modelsSeen(viewer) === count);
  return {
    any: areKnown ? any.length : null,
    all: areKnown ? seenBy(models.length).length : null,
    exactlyOne: areKnown ? seenBy(1).length : null,
    items: models.map(({ id }, index) => ({
      modelId: id,
      uniqueViews: viewers[index]?.size ?? null,
      onlyThis: areKnown ? seenBy(1).filter((viewer) => viewers[index]?.has(viewer)).length : null,
    })),
    pairs: models.flatMap(({ id }, index) =>
      models.slice(index + 1).map((other, step) => {
        const [one, two] = [viewers[index], viewers[index + 1 + step]];
        return {
          models: [id, other.id],
          both: one && two ? [...one].filter((viewer) => two.has(viewer)).length : null,
        };
      }),
    ),
  };
}

/** The viewers of a model in a span: one who was forgotten in between is two. Null when they are not known. */
function viewersWithin(store: OracleStore, model: OracleModel, { span, bots }: Question): Set<string> | null {
  const removed = removedDays(store, [model], bots).filter((day) => touches(day, span));
  if (bots !== "exclude") {
    return removed.length > 0 ? null : viewersOf(within(viewsLeft([model], bots), span));
  }
  const areStored = removed.every(
    ({ day, whole }) => isInside(whole, span) && isStored(store, day, { model }),
  );
  if (!areStored) return null;
  return new Set(within(countedViews(model), span).map(({ who }) => who));
}
