// The answers of the services, and their parsers. A parser returns undefined for an answer of another shape.

/** Views and viewers of one model. Without views: 0, 0, null. */
export type ModelViewStats = {
  modelId: string;
  totalViews: number;
  uniqueViews: number;
  lastViewedAt: Date | null;
};

/** One place of the list of the most viewed models. */
export type TopViewedModel = ModelViewStats & { name: string; category: string | null };

/** One place of the list of a period. A count is null where retention has removed views that it would need. */
export type TopViewedInPeriod = Omit<TopViewedModel, "totalViews" | "uniqueViews"> & {
  totalViews: number | null;
  uniqueViews: number | null;
};

/** A model's recent views, and how many are usual for it: the reason for its place among what is hot or rising. */
export type Why = {
  /** Views of the last `hours` hours; null where retention has removed some of them. */
  views: number | null;
  /** With `sort: "hot"` one half-life, with `sort: "rising"` 24. */
  hours: number;
  /** The model's own average in as many hours, over the `days` before them; null without such days. */
  usual: number | null;
  /** Whole days, 28 at most, since the model's first view. */
  days: number;
  /** The same in English: `41 views in the last 24 hours, usually 9.2`. */
  text: string;
};

/** One place of the list of what is hot or rising now. */
export type HotModel = TopViewedModel & {
  /**
   * Hot: the sum of 2^(−age ÷ half-life) over all views, so a view of now counts 1 and one of a half-life ago a half. Rising: how
   * many times as many views a day as usual there are at least, with 97.5% confidence; above 1 the rise is hardly by chance.
   */
  score: number;
  why: Why;
};

/** A model of the website, as the stats API stores it. */
export type Model = { id: string; name: string; category: string | null; createdAt: Date };

/** Answer of `POST /v1/views`: the view was accepted, or left out because ingest ignores the address. */
export function parseAccepted(answer: unknown): { success: true } | undefined {
  if (!isRecord(answer)) return undefined;
  return typeof answer["id"] === "string" || answer["ignored"] === true ? { success: true } : undefined;
}

/** Answer of `GET /v1/models/:modelId/stats`. */
export function parseStats(answer: unknown): ModelViewStats | undefined {
  const stats = parseCounts(answer);
  return stats !== undefined && hasCounts(stats) ? stats : undefined;
}

/** Answer of `GET /v1/models/stats`. */
export function parseManyStats(answer: unknown): ModelViewStats[] | undefined {
  return parseItems(answer, parseStats);
}

/** Answer of `GET /v1/models/top`. */
export function parseTop(answer: unknown): TopViewedModel[] | undefined {
  return parseItems(answer, (item) => {
    const ranked = parseRanked(item);
    return ranked !== undefined && hasCounts(ranked) ? ranked : undefined;
  });
}

/** Answer of `GET /v1/models/top` with `sort=hot` and `rising`. */
export function parseHot(answer: unknown): HotModel[] | undefined {
  return parseItems(answer, (item) => {
    const ranked = parseRanked(item);
    if (ranked === undefined || !hasCounts(ranked) || !isRecord(item)) return undefined;
    const { score } = item;
    const why = parseWhy(item["why"]);
    return typeof score === "number" && why !== undefined ? { ...ranked, score, why } : undefined;
  });
}

/** Answer of `GET /v1/models/top` with `from` or `to`. */
export function parseTopInPeriod(answer: unknown): TopViewedInPeriod[] | undefined {
  return parseItems(answer, parseRanked);
}

/** Answer of `PUT /v1/models/:modelId`. */
export function parseModel(answer: unknown): Model | undefined {
  if (!isRecord(answer)) return undefined;
  const { id, name, category } = answer;
  const createdAt = parseDate(answer["createdAt"]);
  if (typeof id !== "string" || typeof name !== "string" || !isTextOrNull(category)) return undefined;
  return createdAt instanceof Date ? { id, name, category, createdAt } : undefined;
}

type Counts = Pick<TopViewedInPeriod, "modelId" | "totalViews" | "uniqueViews" | "lastViewedAt">;

function parseCounts(item: unknown): Counts | undefined {
  if (!isRecord(item)) return undefined;
  const { modelId, totalViews, uniqueViews } = item;
  const lastViewedAt = parseDate(item["lastViewedAt"]);
  if (typeof modelId !== "string" || lastViewedAt === undefined) return undefined;
  if (!isCountOrNull(totalViews) || !isCountOrNull(uniqueViews)) return undefined;
  return { modelId, totalViews, uniqueViews, lastViewedAt };
}

function parseRanked(item: unknown): TopViewedInPeriod | undefined {
  const counts = parseCounts(item);
  if (counts === undefined || !isRecord(item)) return undefined;
  const { name, category } = item;
  return typeof name === "string" && isTextOrNull(category) ? { ...counts, name, category } : undefined;
}

function parseWhy(why: unknown): Why | undefined {
  if (!isRecord(why)) return undefined;
  const { views, hours, usual, days, text } = why;
  if (!isCountOrNull(views) || !isCountOrNull(usual)) return undefined;
  if (typeof hours !== "number" || typeof days !== "number" || typeof text !== "string") return undefined;
  return { views, hours, usual, days, text };
}

function parseItems<T>(answer: unknown, parse: (item: unknown) => T | undefined): T[] | undefined {
  if (!isRecord(answer) || !Array.isArray(answer["items"])) return undefined;
  const items = answer["items"].map(parse);
  return items.every((item) => item !== undefined) ? items : undefined;
}

function hasCounts<T extends Counts>(counts: T): counts is T & { totalViews: number; uniqueViews: number } {
  return counts.totalViews !== null && counts.uniqueViews !== null;
}

function parseDate(value: unknown): Date | null | undefined {
  if (value === null) return null;
  const date = typeof value === "string" ? new Date(value) : undefined;
  return date === undefined || Number.isNaN(date.getTime()) ? undefined : date;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function isTextOrNull(value: unknown): value is string | null {
  return value === null || typeof value === "string";
}

function isCountOrNull(value: unknown): value is number | null {
  return value === null || typeof value === "number";
}
