import { readFileSync } from "node:fs";
import { modelIdSchema } from "@model-views/shared/contracts/views.ts";
import { UsageError } from "@model-views/shared/runtime/run-command.ts";
import { modelIdOf } from "./view-ids.ts";

/** What browsers and search engines ask for by themselves: nobody has viewed it. `--include` brings it back. */
const NOT_VIEWED = [
  "/favicon.ico",
  "/robots.txt",
  "/apple-touch-icon*.png",
  "/sitemap*.xml",
  "/browserconfig.xml",
  "/site.webmanifest",
  "/.well-known/**",
];

/** A model of a path. One of the website's own, by `--map`, is not made here: only the website knows its name. */
export type PathModel = { modelId: string; isMapped: boolean };

/** The model that a path is of; undefined where its views are left out. */
export type ModelOfPath = (path: string) => PathModel | undefined;

export type PathRules = {
  /** Patterns of the paths that are meant; none: all. */
  include: readonly string[];
  /** Patterns of paths that are left out. */
  exclude: readonly string[];
  /** Text of a file that says which path is which model; undefined: each path is a model of its own. */
  map: string | undefined;
};

/**
 * Says which model a path is of.
 *
 * @throws {UsageError} when a line of the map is none.
 */
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

/** @throws {UsageError} when there is no such file, or it must not be read. */
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
    else if (!path.startsWith("/") || !modelId.success) throw notALine(index + 1);
    else if (!path.includes("*")) exact.set(path, modelId.data);
    else {
      const matches = matcherOf(path);
      patterns.push((given) => (matches.test(given) ? modelId.data : undefined));
    }
  }
  return (path) => {
    const known = exact.get(path);
    if (known !== undefined) return known;
    for (const modelOf of patterns) {
      const modelId = modelOf(path);
      if (modelId !== undefined) return modelId;
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

function notALine(line: number): UsageError {
  return new UsageError(
    `line ${line} of the map must be a path that begins with /, and a model's UUID (or :id, where the path has it: /models/:id :id)`,
  );
}
