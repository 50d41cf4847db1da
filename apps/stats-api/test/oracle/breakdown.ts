import type { Dimension } from "@model-views/shared/contracts/breakdown.ts";
import type { Bots } from "@model-views/shared/contracts/stats.ts";
import type { ViewEvent } from "@model-views/shared/contracts/view-event.ts";
import type { OracleModel, OracleStore } from "./store.ts";
import { isIncomplete, type Span, viewersOf, viewsLeft, within } from "./views.ts";

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

export function breakdownOf(store: OracleStore, { by, span, bots, limit, model }: BreakdownQuestion) {
  const models = model === undefined ? store.models.values() : [model];
  const views = within(viewsLeft(models, bots), span);
  const values = [...Map.groupBy(views, ({ event }) => event[FIELDS[by]] ?? null)].map(([value, of]) => ({
    value,
    views: of.length,
    uniqueViews: viewersOf(of).size,
    share: of.length / views.length,
  }));
  values.sort((a, b) => b.views - a.views || byValue(a.value, b.value));
  return {
    items: values.slice(0, limit),
    totalViews: views.length,
    isIncomplete: isIncomplete(store, span),
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
