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
