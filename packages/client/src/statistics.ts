import {
  type ModelViewStats,
  parseManyStats,
  parseStats,
  parseTop,
  parseTopInPeriod,
  type TopViewedInPeriod,
} from "./answers.ts";
import { callService } from "./call-service.ts";
import { callOptions, type ReadOptions, type Settings } from "./config.ts";
import { checkModelId } from "./uuid.ts";

/** The most models in one request: the limit of the stats API. */
const IDS_MAX = 200;

/** How the most viewed models of all time are ranked. */
export type TopOptions = ReadOptions & {
  /** By views, by viewers, or by recent views. Default: `total`. */
  sort?: "total" | "unique" | "trending" | undefined;
  /** Whether views of bots are left out, counted too, or counted alone. Default: `exclude`. */
  bots?: "exclude" | "include" | "only" | undefined;
  from?: undefined;
  to?: undefined;
  tz?: undefined;
};

/** How the most viewed models of a period are ranked. `from` alone ends now; `to` alone begins 30 days before it. */
export type TopInPeriodOptions = Omit<TopOptions, "from" | "to" | "tz"> & {
  /** The start of the period, inclusive: a day (`2026-11-01`, from its start in `tz`) or an instant. */
  from?: string | Date | undefined;
  /** The end of the period, exclusive: a day or an instant. */
  to?: string | Date | undefined;
  /** IANA time zone of days, such as `Europe/Berlin`. Default: `UTC`. */
  tz?: string | undefined;
};

export async function fetchStats(
  { statsApi, call }: Settings,
  modelId: string,
  options: ReadOptions = {},
): Promise<ModelViewStats> {
  checkModelId(modelId, "modelId");
  const statsCall = { path: `/v1/models/${modelId}/stats`, parse: parseStats };
  return callService(statsApi, statsCall, callOptions(call, options));
}

/** Sends one request for each 200 models, all at once. Models that do not exist are left out. */
export async function fetchManyStats(
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
      const statsCall = { path: `/v1/models/stats?ids=${chunk.join()}`, parse: parseManyStats };
      return callService(statsApi, statsCall, callOptions(call, options));
    }),
  );
  return answers.flat();
}

export async function fetchTop(
  { statsApi, call }: Settings,
  limit: number,
  category: string | null | undefined,
  { sort, bots, from, to, tz, ...options }: TopOptions | TopInPeriodOptions = {},
): Promise<TopViewedInPeriod[]> {
  const parameters = { limit: String(limit), category, sort, bots, from: textOf(from), to: textOf(to), tz };
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) if (value) query.set(name, value);
  const parse = parameters.from || parameters.to ? parseTopInPeriod : parseTop;
  return callService(statsApi, { path: `/v1/models/top?${query}`, parse }, callOptions(call, options));
}

function textOf(time: string | Date | undefined): string | undefined {
  return time instanceof Date ? time.toISOString() : time;
}
