import type { Dimension } from "@model-views/shared/contracts/breakdown.ts";
import type { Bots } from "@model-views/shared/contracts/stats.ts";
import type { ViewEvent } from "@model-views/shared/contracts/view-event.ts";
import { utcMonth } from "./clock.ts";
import { isMonthStored, isStored, retiredPart } from "./finalize.ts";
import { countedViews, type OracleModel, type OracleStore } from "./store.ts";
import {
  countViewers,
  isInside,
  isRetired,
  removedDays,
  type Span,
  touches,
  viewersOf,
  viewsLeft,
  within,
} from "./views.ts";

export const FIELDS = {
  device: "device",
  browser: "browser",
  os: "os",
  country: "country",
  referrer: "referrerHost",
  utm_source: "utmSource",
  utm_medium: "utmMedium",
  utm_campaign: "utmCampaign",
} as const satisfies Record<Dimension, keyof ViewEvent>;

export type BreakdownQuestion = { by: Dimension; span: Span; bots: Bots; limit: number; model?: OracleModel };

export function breakdownOf(store: OracleStore, question: BreakdownQuestion) {
  const { by, limit } = question;
  const { views, isIncomplete } = viewsWithValues(store, question);
  const values = [...Map.groupBy(views, ({ event }) => event[FIELDS[by]] ?? null)].map(([value, of]) => ({
    value,
    views: of.length,
    uniqueViews: countViewers(of),
    share: of.length / views.length,
  }));
  values.sort((a, b) => b.views - a.views || byValue(a.value, b.value));
  return { items: values.slice(0, limit), totalViews: views.length, isIncomplete };
}

/** The views of the period whose values are stored, also those that retention has removed. */
function viewsWithValues(store: OracleStore, { span, bots, model }: BreakdownQuestion) {
  const models = model === undefined ? [...store.models.values()] : [model];
  const { calendar } = store;
  const days = removedDays(store, models, bots).filter((day) => touches(day, span));
  const stored = days.filter(({ day, whole }) => {
    if (bots !== "exclude") return false;
    const month = utcMonth(day);
    const isOfMonth =
      model !== undefined &&
      isInside({ from: calendar.startOf(month), to: calendar.startOf(utcMonth(month, 1)) }, span) &&
      isMonthStored(store, model, month);
    return isOfMonth || (isInside(whole, span) && isStored(store, day, { model, withValues: true }));
  });
  const storedDays = new Set(stored.map(({ day }) => day));
  // Of a day that is removed only in part and not stored, the other part is left out as well.
  const left = within(viewsLeft(models, bots), span).filter(({ at }) => {
    const day = calendar.dayOf(at);
    const part = retiredPart(store, day);
    return part === undefined || !touches(part, span) || storedDays.has(day);
  });
  const removed = models.flatMap(countedViews).filter(({ isRemoved }) => isRemoved);
  return {
    views: [...left, ...stored.flatMap(({ whole }) => within(removed, whole))],
    isIncomplete: bots === "exclude" ? stored.length < days.length : isRetired(store, span),
  };
}

/** Null comes last. */
function byValue(one: string | null, other: string | null): number {
  if (one === null || other === null) return one === null ? 1 : -1;
  return one < other ? -1 : 1;
}

const LIVE_MS = 5 * 60_000;

export function liveOf(store: OracleStore, now: number) {
  const views = viewsLeft(store.models.values(), "exclude").filter(({ at }) => at > now - LIVE_MS);
  return { views: views.length, viewers: viewersOf(views).size };
}
