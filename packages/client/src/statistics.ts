import {
  type ModelViewStats,
  parseManyStats,
  parseStats,
  parseTop,
  parseTopInPeriod,
  type TopViewedInPeriod,
} from "./answers.ts";
import { askService } from "./ask-service.ts";
import { callOptions, type ReadOptions, type Settings } from "./config.ts";
import { checkModelId } from "./uuid.ts";

/** Models in one question, as many as the stats API takes. */
const IDS_MAX = 200;

/** How the most viewed models are ranked, of all time. */
export type TopOptions = ReadOptions & {
  /** By views, by viewers, or by recent views. Default: `total`. */
  sort?: "total" | "unique" | "trending" | undefined;
  /** Whether views of bots are left out, counted too, or counted alone. Default: `exclude`. */
  bots?: "exclude" | "include" | "only" | undefined;
  from?: undefined;
  to?: undefined;
  tz?: undefined;
};

/** The same of a period. `from` alone ends now, `to` alone begins 30 days before. */
export type TopInPeriodOptions = Omit<TopOptions, "from" | "to" | "tz"> & {
  /** Where the period begins: a day (`2026-11-01`, its start in `tz`) or an instant. It counts. */
  from?: string | Date | undefined;
  /** Where the period ends: a day or an instant. It does not count. */
  to?: string | Date | undefined;
  /** IANA time zone of days, such as `Europe/Berlin`. Default: `UTC`. */
  tz?: string | undefined;
};

export async function askStats(
  { statsApi, call }: Settings,
  modelId: string,
  options: ReadOptions = {},
): Promise<ModelViewStats> {
  checkModelId(modelId, "modelId");
  const question = { path: `/v1/models/${modelId}/stats`, parse: parseStats };
  return askService(statsApi, question, callOptions(call, options));
}

/** Asks of any number of models, 200 in a question, all questions at once. Models that do not exist are left out. */
export async function askManyStats(
  { statsApi, call }: Settings,
  modelIds: readonly string[],
  options: ReadOptions = {},
): Promise<ModelViewStats[]> {
  modelIds.forEach((modelId, index) => {
    checkModelId(modelId, `modelIds[${index}]`);
  });
  const ids = [...new Set(modelIds.map((modelId) => modelId.toLowerCase()))];
  const chunks = Array.from({ length: Math.ceil(ids.length / IDS_MAX) }, (_, index) =>
    ids.slice(index * IDS_MAX, (index + 1) * IDS_MAX),
  );
  const answers = await Promise.all(
    chunks.map((chunk) => {
      const question = { path: `/v1/models/stats?ids=${chunk.join()}`, parse: parseManyStats };
      return askService(statsApi, question, callOptions(call, options));
    }),
  );
  return answers.flat();
}

export async function askTop(
  { statsApi, call }: Settings,
  limit: number,
  category: string | null | undefined,
  { sort, bots, from, to, tz, ...options }: TopOptions | TopInPeriodOptions = {},
): Promise<TopViewedInPeriod[]> {
  const asked = { limit: String(limit), category, sort, bots, from: written(from), to: written(to), tz };
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(asked)) if (value) query.set(name, value);
  const parse = asked.from || asked.to ? parseTopInPeriod : parseTop;
  return askService(statsApi, { path: `/v1/models/top?${query}`, parse }, callOptions(call, options));
}

function written(time: string | Date | undefined): string | undefined {
  return time instanceof Date ? time.toISOString() : time;
}
