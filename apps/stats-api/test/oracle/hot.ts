import { DAY_MS, HOUR_MS, utcMonth } from "./clock.ts";
import { statsOf } from "./stats.ts";
import { countedViews, type OracleModel, type OracleStore } from "./store.ts";
import { touches } from "./views.ts";
import { Between, MaybeNull, OneOf } from "./within.ts";

export const HALF_LIVES = { "1h": HOUR_MS, "1d": DAY_MS, "7d": 7 * DAY_MS } as const;
export type NowQuestion = { sort: "hot" | "rising"; halfLife?: keyof typeof HALF_LIVES };

const USUAL_DAYS = 28;
const Z = 1.96;

/** The logarithm of a score that the API may answer as 0. */
const TINY = -990;

/** A model's place among what is hot or rising, and the logarithms or numbers that its rank is between. */
type Place = { item: Record<string, unknown>; low: number; high: number };

/** What the API answers, without the limit. Ranks that cannot be told apart are in the order of the answer. */
export function nowItems(
  store: OracleStore,
  { sort, halfLife = "1d" }: NowQuestion,
  {
    now,
    category,
    found,
  }: { now: number; category: string | undefined; found: readonly { modelId: string }[] },
): Record<string, unknown>[] {
  const halfLifeMs = HALF_LIVES[halfLife];
  const hours = sort === "hot" ? halfLifeMs / HOUR_MS : 24;
  const places = [...store.models.values()]
    .filter((model) => category === undefined || model.category === category)
    .flatMap((model): Place[] => {
      const { why, recent, usualViews, days } = whyOf(store, model, { now, hours });
      const head = { ...statsOf(model, "exclude"), name: model.name, category: model.category };
      if (countedViews(model).length === 0 || (sort === "rising" && recent === 0)) return [];
      if (sort === "rising") {
        const score = boundOf(recent, usualViews, days);
        return [{ item: { ...head, score: new Between(score, score), why }, low: score, high: score }];
      }
      const { low, high } = hotBounds(store, model, { now, halfLifeMs });
      const most = head.totalViews;
      const score =
        high < TINY
          ? new Between(0, 2 ** TINY)
          : new Between(Math.min(most, 2 ** low), Math.min(most, 2 ** high));
      return [{ item: { ...head, score, why }, low, high }];
    });
  const foundAt = new Map(found.map(({ modelId }, index) => [modelId, index]));
  const atOf = ({ item }: Place) => foundAt.get(String(item["modelId"])) ?? Number.POSITIVE_INFINITY;
  const slack = (value: number) => 1e-9 * Math.max(1, Math.abs(value));
  return places
    .sort((a, b) => {
      const areApart = a.low > b.high + slack(a.low) || b.low > a.high + slack(b.low);
      return areApart ? b.low - a.low : atOf(a) - atOf(b);
    })
    .map(({ item }) => item);
}

/** The logarithm of the score as of now. A view weighs 1 at its time, or when it was recorded if that was earlier. */
function hotBounds(
  { calendar }: OracleStore,
  model: OracleModel,
  { now, halfLifeMs }: { now: number; halfLifeMs: number },
) {
  const sumOf = (since: (view: { at: number; recorded: { from: number; to: number } }) => number) => {
    const logs = countedViews(model).map((view) => (since(view) - now) / halfLifeMs);
    const most = Math.max(...logs);
    return most + Math.log2(logs.reduce((sum, log) => sum + 2 ** (log - most), 0));
  };
  // What retention has removed may be counted by its day after an erasure.
  const dayAt = (at: number) => calendar.spanOf(calendar.dayOf(at));
  const hasRemoved = countedViews(model).some(({ isRemoved }) => isRemoved);
  const early = hasRemoved ? (at: number) => dayAt(at).from : (at: number) => at;
  const late = hasRemoved ? (at: number) => dayAt(at).to : (at: number) => at;
  return {
    low: sumOf(({ at, recorded }) => Math.min(early(at), recorded.from)),
    high: sumOf(({ at, recorded }) => Math.min(late(at), recorded.to)),
  };
}

function whyOf(store: OracleStore, model: OracleModel, { now, hours }: { now: number; hours: number }) {
  const { calendar } = store;
  const counted = countedViews(model).map(({ at }) => at);
  const since = now - hours * HOUR_MS;
  const recent = counted.filter((at) => at >= since).length;
  const base = calendar.dayOf(since);
  const viewed = counted.map((at) => calendar.dayOf(at));
  const first = Math.min(base, ...viewed);
  const days = Math.max(0, Math.min(USUAL_DAYS, (base - first) / DAY_MS));
  const usualViews = viewed.filter((day) => day >= base - USUAL_DAYS * DAY_MS && day < base).length;
  const usual = days === 0 ? null : (usualViews / days) * (hours / 24);
  const isMaybeUnknown = [...store.retired].some((month) =>
    touches({ from: month, to: utcMonth(month, 1) }, { from: since, to: Number.POSITIVE_INFINITY }),
  );
  const period = { 1: "hour", 24: "24 hours", 168: "7 days" }[hours];
  const shown = usual !== null && usual < 10 ? Number(usual.toFixed(1)) : Math.round(usual ?? 0);
  const history = days < USUAL_DAYS ? ` (by ${days} ${days === 1 ? "day" : "days"} of history)` : "";
  const end = usual === null ? "; there is no earlier day to compare with" : `, usually ${shown}${history}`;
  const known = `${recent} ${recent === 1 ? "view" : "views"} in the last ${period}${end}`;
  const unknown = `Retention has removed views of the last ${period}${end}`;
  const why = {
    views: isMaybeUnknown ? new MaybeNull(recent) : recent,
    hours,
    usual: usual === null ? null : new Between(usual, usual),
    days,
    text: isMaybeUnknown ? new OneOf(known, unknown) : known,
  };
  return { why, recent, usualViews, days };
}

/** Wilson's lower bound, by the quadratic equation that it solves: (k/n − p)² = z² p (1 − p) ÷ n. */
function boundOf(recent: number, usualViews: number, days: number): number {
  if (days === 0) return 0;
  const n = recent + Math.max(usualViews, days);
  const [a, b, c] = [1 + Z ** 2 / n, -(2 * (recent / n) + Z ** 2 / n), (recent / n) ** 2];
  const p = (2 * c) / (-b + Math.sqrt(b ** 2 - 4 * a * c));
  return (days * p) / (1 - p);
}

/** An item as a row of CSV. */
export function asCsvRow(item: object): object {
  const { why, ...row } = item as { why: { text: string } };
  // What has a comma or a semicolon is quoted.
  return { ...row, why: /[,;]/.test(why.text) ? `"${why.text}"` : why.text };
}
