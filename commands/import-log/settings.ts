import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { namedKeys } from "@model-views/shared/http/key-names.ts";
import { keysSchema, parseConfig, portSchema } from "@model-views/shared/runtime/config.ts";
import { UsageError } from "@model-views/shared/runtime/run-command.ts";
import { z } from "zod";
import type { Service } from "./service.ts";
import { createModelOfPath, type ModelOfPath, readMapFile } from "./which-paths.ts";

const environmentSchema = z.object({
  INGEST_PORT: portSchema.default(4001),
  STATS_PORT: portSchema.default(4002),
  SERVER_KEYS: keysSchema,
  ADMIN_KEYS: keysSchema,
  /** Where npm was called: it runs scripts in the project's folder. */
  INIT_CWD: z.string().optional(),
});

/** What to import, and whereto. */
export type ImportSettings = {
  /** Absolute, or `-` for stdin. */
  file: string;
  ingest: Service;
  stats: Service;
  modelOfPath: ModelOfPath;
};

/**
 * Reads the command line and the environment.
 *
 * @throws {UsageError} or a ConfigError that says what is wrong with them.
 */
export function importSettings(
  args: string[],
  environment: Record<string, string | undefined>,
  cwd: string,
): ImportSettings {
  const { positionals, values } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      ingest: { type: "string" },
      stats: { type: "string" },
      include: { type: "string", multiple: true },
      exclude: { type: "string", multiple: true },
      map: { type: "string" },
    },
  });
  const [file, ...others] = positionals;
  if (file === undefined || others.length > 0) {
    throw new UsageError("Name one log file, or - for stdin: npm run import-log -- FILE (--help tells more)");
  }
  const config = parseConfig(environmentSchema, environment);
  const from = config.INIT_CWD ?? cwd;
  return {
    modelOfPath: createModelOfPath({
      include: patterns("--include", values.include),
      exclude: patterns("--exclude", values.exclude),
      map: values.map === undefined ? undefined : readMapFile(resolve(from, values.map)),
    }),
    file: file === "-" ? file : resolve(from, file),
    ingest: {
      name: "ingest",
      url: addressOf("--ingest", values.ingest, config.INGEST_PORT),
      key: config.SERVER_KEYS[0],
      keyVariable: "SERVER_KEYS",
      option: "--ingest",
    },
    stats: {
      name: "stats-api",
      url: addressOf("--stats", values.stats, config.STATS_PORT),
      key: namedKeys(config.ADMIN_KEYS)[0]?.key,
      keyVariable: "ADMIN_KEYS",
      option: "--stats",
    },
  };
}

function patterns(option: string, given: readonly string[] = []): readonly string[] {
  const wrong = given.find((pattern) => !/^[/*]/.test(pattern));
  if (wrong === undefined) return given;
  throw new UsageError(
    `${option} must be a path that begins with / (* is any text without /, ** any text), not ${wrong}`,
  );
}

function addressOf(option: string, given: string | undefined, port: number): string {
  if (given === undefined) return `http://127.0.0.1:${port}/`;
  const url = URL.parse(given);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new UsageError(`${option} must be a URL that begins with http:// or https://, not ${given}`);
  }
  // `fetch` refuses a user, and what follows a ? or # would be lost. Not repeated: it may have a password in it.
  if (url.username + url.password + url.search + url.hash !== "") {
    throw new UsageError(`${option} must be an address alone, without a user, ? and #`);
  }
  return given.endsWith("/") ? given : `${given}/`;
}
