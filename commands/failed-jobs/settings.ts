import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { parseConfig } from "@model-views/shared/runtime/config.ts";
import { UsageError } from "@model-views/shared/runtime/run-command.ts";
import { z } from "zod";
import { databaseSettings, instantSchema, queueSettings } from "../settings.ts";

const ACTIONS = ["list", "show", "retry", "move", "put"] as const;

const environment = queueSettings.extend(databaseSettings.shape).extend({
  /** Where npm was called: it runs scripts in the project's folder. */
  INIT_CWD: z.string().optional(),
});

/** Which failed jobs are meant. */
export type Chosen = {
  /** By id; none: all that fit the rest. */
  ids: readonly string[];
  /** Only those that failed then or later. */
  since: Date | undefined;
  /** Only those whose reason has this text in it. */
  reason: string | undefined;
};

export type FailedJobsSettings = z.infer<typeof environment> & {
  action: (typeof ACTIONS)[number];
  chosen: Chosen;
  /** Absolute; of `move` and `put`. */
  file: string;
  isDryRun: boolean;
  /** Also those that this version cannot read in whole. */
  isAnyway: boolean;
};

/** @throws {UsageError} when it was called wrongly; {ConfigError} when a variable is wrong. */
export function failedJobsSettings(args: readonly string[], env: NodeJS.ProcessEnv): FailedJobsSettings {
  const { values: options, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      all: { type: "boolean" },
      anyway: { type: "boolean" },
      since: { type: "string" },
      reason: { type: "string" },
      "dry-run": { type: "boolean" },
    },
  });
  const [given, ...rest] = positionals;
  const action = ACTIONS.find((name) => name === given);
  if (action === undefined) throw new UsageError(`say what to do: ${ACTIONS.join(", ")}`);
  const since = instantSchema.optional().safeParse(options.since);
  if (!since.success)
    throw new UsageError("--since takes a day (2026-11-22) or an instant (2026-11-22T09:30:00Z)");
  const hasFile = action === "move" || action === "put";
  const [file] = hasFile ? rest : [];
  if (hasFile && file === undefined) throw new UsageError(`${action} needs a file: ${action} FILE`);
  const ids = hasFile ? rest.slice(1) : rest;
  if (action === "show" && ids.length !== 1) throw new UsageError("show takes the id of one job");
  if (action === "put" && ids.length > 0)
    throw new UsageError("put takes one file, and puts all that is in it");
  const isChosen = options.all || options.since !== undefined || options.reason !== undefined;
  if (ids.length > 0 && isChosen) throw new UsageError("give ids, or --all, --since or --reason, not both");
  if ((action === "retry" || action === "move") && ids.length === 0 && !isChosen)
    throw new UsageError(`say which: ${action} with ids, or with --all, --since or --reason`);
  const config = parseConfig(environment, env);
  return {
    ...config,
    action,
    file: resolve(config.INIT_CWD ?? process.cwd(), file ?? "."),
    chosen: { ids, since: since.data, reason: options.reason },
    isDryRun: options["dry-run"] === true,
    isAnyway: options.anyway === true,
  };
}
