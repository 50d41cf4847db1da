import {
  type HotModel,
  type ModelViewStats,
  parseHot,
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
  halfLife?: undefined;
  from?: undefined;
  to?: undefined;
  tz?: undefined;
  filters?: undefined;
};

/** How the most viewed models of a period are ranked. `from` alone ends now; `to` alone begins 30 days before it. */
export type TopInPeriodOptions = Omit<TopOptions, "from" | "to" | "tz" | "filters"> & {
  /** The start of the period, inclusive: a day (`2026-11-01`, from its start in `tz`) or an instant. */
  from?: string | Date | undefined;
  /** The end of the period, exclusive: a day or an instant. */
  to?: string | Date | undefined;
  /** IANA time zone of days, such as `Europe/Berlin`. Default: `UTC`. */
  tz?: string | undefined;
  /** Counts only views with all of these values. The stats API refuses them without `from` and `to`. */
  filters?: ViewFilters | undefined;
};

/** Values as breakdowns have them; null: those that are unknown. */
export type ViewFilters = {
  /** `desktop`, `mobile`, `tablet`, `tv` or `vr`. */
  device?: string | null | undefined;
  browser?: string | null | undefined;
  os?: string | null | undefined;
  /** Two letters (ISO 3166-1), such as `DE`. */
  country?: string | null | undefined;
  /** The host of the page before. */
  referrer?: string | null | undefined;
  utm_source?: string | null | undefined;
  utm_medium?: string | null | undefined;
  utm_campaign?: string | null | undefined;
};

/** How models are ranked by what is viewed now. Views of bots are left out. */
export type TopOfNowOptions = ReadOptions & {
  /** `hot`: by all views, of which older ones weigh less. `rising`: by how surely there are more views than usual for the model. */
  sort: "hot" | "rising";
  /** With `hot`: the time in which the weight of a view halves. Default: `1d`. The stats API refuses it with `rising`. */
  halfLife?: "1h" | "1d" | "7d" | undefined;
  bots?: undefined;
  from?: undefined;
  to?: undefined;
  tz?: undefined;
  filters?: undefined;
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

/** What `getTopViewedModels` takes. */
export type TopArguments = [
  limit: number,
  category?: string | null | undefined,
  options?: TopOptions | TopInPeriodOptions | TopOfNowOptions,
];

export async function fetchTop(
  { statsApi, call }: Settings,
  ...[limit, category, given = {}]: TopArguments
): Promise<TopViewedInPeriod[] | HotModel[]> {
  const { sort, halfLife, bots, from, to, tz, filters = {}, ...options } = given;
  const period = { from: textOf(from), to: textOf(to), tz };
  const parameters = { limit: String(limit), category, sort, halfLife, bots, ...period };
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) if (value) query.set(name, value);
  // Empty: an unknown value.
  for (const [name, value] of Object.entries(filters)) if (value !== undefined) query.set(name, value ?? "");
  const isOfNow = sort === "hot" || sort === "rising";
  const parse = isOfNow ? parseHot : period.from || period.to ? parseTopInPeriod : parseTop;
  return callService(statsApi, { path: `/v1/models/top?${query}`, parse }, callOptions(call, options));
}

function textOf(time: string | Date | undefined): string | undefined {
  return time instanceof Date ? time.toISOString() : time;
}
