import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { keysSchema, parseConfig, portSchema } from "@model-views/shared/config.ts";
import { UsageError } from "@model-views/shared/run-command.ts";
import { z } from "zod";
import type { Service } from "./service.ts";

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
    options: { ingest: { type: "string" }, stats: { type: "string" } },
  });
  const [file, ...others] = positionals;
  if (file === undefined || others.length > 0) {
    throw new UsageError("Name one log file, or - for stdin: npm run import-log -- FILE (--help tells more)");
  }
  const config = parseConfig(environmentSchema, environment);
  return {
    file: file === "-" ? file : resolve(config.INIT_CWD ?? cwd, file),
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
      key: config.ADMIN_KEYS[0],
      keyVariable: "ADMIN_KEYS",
      option: "--stats",
    },
  };
}

function addressOf(option: string, given: string | undefined, port: number): string {
  if (given === undefined) return `http://127.0.0.1:${port}/`;
  const url = URL.parse(given);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new UsageError(`${option} must be a URL that begins with http:// or https://, not ${given}`);
  }
  return given.endsWith("/") ? given : `${given}/`;
}
