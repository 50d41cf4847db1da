import { readFileSync } from "node:fs";
import { modelSchema } from "@model-views/shared/contracts/models.ts";
import { manyModelStatsSchema } from "@model-views/shared/contracts/stats.ts";
import { modelIdSchema } from "@model-views/shared/contracts/views.ts";
import { UsageError } from "@model-views/shared/runtime/run-command.ts";
import { LRUCache } from "lru-cache";
import { v5 as uuidv5 } from "uuid";
import { createPool } from "./pool.ts";
import type { ImportTotals } from "./progress.ts";
import type { Ask } from "./service.ts";

/** UUID namespace of the models and views of imports. Never changed: a new one would import every log a second time. */
export const NAMESPACE = "89200e2d-74c3-4996-8417-10efecdad69c";

/** Paths that browsers and search engines request on their own: they are not views. `--include` brings them back. */
const NOT_VIEWED = [
  "/favicon.ico",
  "/robots.txt",
  "/apple-touch-icon*.png",
  "/sitemap*.xml",
  "/browserconfig.xml",
  "/site.webmanifest",
  "/.well-known/**",
];

/** Models that the stats API reports on in one request. */
const IDS_MAX = 200;
/** Models that are made at the same time. */
const PUTS_AT_ONCE_MAX = 8;
/** Models that are known to exist. The stats API is asked again about one that was dropped from this cache. */
const MODELS_CACHED_MAX = 100_000;

/** A model of a path. One of the website's, from `--map`, is not made here: only the website has its name. */
export type PathModel = { modelId: string; isMapped: boolean };

/** The model of a path; undefined where the views of the path are left out. */
export type ModelOfPath = (path: string) => PathModel | undefined;

export type PathRules = {
  /** Patterns of the paths to import; none: all. */
  include: readonly string[];
  /** Patterns of paths that are left out. */
  exclude: readonly string[];
  /** Text of a file that maps paths to models; undefined: each path is a model by itself. */
  map: string | undefined;
};

/** @throws {UsageError} when a line of the map cannot be read. */
export function createModelOfPath({ include, exclude, map }: PathRules): ModelOfPath {
  const included = include.map(matcherOf);
  const excluded = [...exclude, ...(include.length > 0 ? [] : NOT_VIEWED)].map(matcherOf);
  const mapped = map === undefined ? undefined : readMap(map);
  return (path) => {
    if (included.length > 0 && !included.some((matches) => matches.test(path))) return undefined;
    if (excluded.some((matches) => matches.test(path))) return undefined;
    if (mapped === undefined) return { modelId: modelIdOf(path), isMapped: false };
    const modelId = mapped(path);
    return modelId === undefined ? undefined : { modelId, isMapped: true };
  };
}

/** The id of the model of a path: the same in every run. */
export function modelIdOf(path: string): string {
  return uuidv5(path, NAMESPACE);
}

/** @throws {UsageError} when there is no such file, or it may not be read. */
export function readMapFile(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new UsageError(`Cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** `*` is any text without a slash, `**` any text; every other character is itself. */
function matcherOf(pattern: string): RegExp {
  const parts = pattern.split(/(\*\*|\*)/).map((part) => {
    if (part === "**") return ".*";
    return part === "*" ? "[^/]*" : part.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
  });
  return new RegExp(`^${parts.join("")}$`, "s");
}

/** Each line a path or pattern, white space or a comma, and a model's id, or `:id` where the path has it as a part. */
const LINE = /^(\S.*?)[\s,]+(\S+)$/;

function readMap(text: string): (path: string) => string | undefined {
  const exact = new Map<string, string>();
  const patterns: ((path: string) => string | undefined)[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === "" || line.startsWith("#")) continue;
    const [, path = "", id = ""] = LINE.exec(line.trim()) ?? [];
    const modelId = modelIdSchema.safeParse(id);
    if (path.startsWith("/") && id === ":id" && path.split("/").includes(":id"))
      patterns.push(idInPath(path));
    else if (!path.startsWith("/") || !modelId.success) throw wrongLine(index + 1);
    else if (!path.includes("*")) exact.set(path, modelId.data);
    else {
      const matches = matcherOf(path);
      patterns.push((given) => (matches.test(given) ? modelId.data : undefined));
    }
  }
  return (path) => {
    const modelId = exact.get(path);
    if (modelId !== undefined) return modelId;
    for (const modelOf of patterns) {
      const found = modelOf(path);
      if (found !== undefined) return found;
    }
    return undefined;
  };
}

/** `/models/:id` names the model in the path itself. */
function idInPath(pattern: string): (path: string) => string | undefined {
  const position = pattern.split("/").indexOf(":id");
  const matches = matcherOf(pattern.replace(":id", "*"));
  return (path) => (matches.test(path) ? modelIdSchema.safeParse(path.split("/")[position]).data : undefined);
}

function wrongLine(line: number): UsageError {
  return new UsageError(
    `line ${line} of the map must be a path that begins with /, and a model's UUID (or :id, where the path has it: /models/:id :id)`,
  );
}

/** A model that views are posted for. It is made under `name` where it does not exist; without a name it is not made. */
export type WantedModel = { modelId: string; name: string | undefined };

/** Makes the models that do not exist and have a name, and counts the others. Models that exist stay as they are. */
export type MakeModels = (wanted: Iterable<WantedModel>) => Promise<void>;

export function createMakeModels(
  askStats: Ask,
  totals: Pick<ImportTotals, "models" | "unknownModels">,
): MakeModels {
  const existing = new LRUCache<string, true>({ max: MODELS_CACHED_MAX });

  async function make(modelId: string, name: string): Promise<void> {
    const request = { method: "PUT", path: `v1/models/${modelId}`, body: JSON.stringify({ name }) } as const;
    const { status } = await askStats(request, modelSchema);
    // 200: it was made in the meantime.
    if (status === 201) totals.models++;
  }

  return async (wanted) => {
    const names = new Map<string, string | undefined>();
    for (const { modelId, name } of wanted) if (!existing.has(modelId)) names.set(modelId, name);
    const pool = createPool({ atOnceMax: PUTS_AT_ONCE_MAX });
    const ids = [...names.keys()];
    for (let from = 0; from < ids.length; from += IDS_MAX) {
      const path = `v1/models/stats?ids=${ids.slice(from, from + IDS_MAX).join(",")}`;
      const { value } = await askStats({ method: "GET", path }, manyModelStatsSchema);
      for (const id of value.unknown) {
        const name = names.get(id);
        if (name !== undefined) await pool.start(() => make(id, name));
        else totals.unknownModels++;
      }
    }
    await pool.finish();
    for (const id of ids) existing.set(id, true);
  };
}
