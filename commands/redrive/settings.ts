import { parseArgs } from "node:util";
import { parseConfig } from "@model-views/shared/runtime/config.ts";
import { UsageError } from "@model-views/shared/runtime/run-command.ts";
import type { z } from "zod";
import { databaseSettings, instantSchema, queueSettings } from "../settings.ts";

const environment = databaseSettings.extend(queueSettings.shape);

const REASON = /^(unknown_model|past_retention|refused|[0-9A-Z]{5})$/;

export type ReplaySettings = z.infer<typeof environment> & {
  reason: string | undefined;
  since: Date | undefined;
  isDryRun: boolean;
};

/** @throws {UsageError} when it was called wrongly; {ConfigError} when a variable is wrong. */
export function replaySettings(args: readonly string[], env: NodeJS.ProcessEnv): ReplaySettings {
  const { values: options } = parseArgs({
    args: [...args],
    options: { reason: { type: "string" }, since: { type: "string" }, "dry-run": { type: "boolean" } },
  });
  const parsed = instantSchema.optional().safeParse(options.since);
  if (options.reason !== undefined && !REASON.test(options.reason)) {
    throw new UsageError(
      "--reason takes unknown_model, past_retention, refused, or an SQLSTATE such as 22021",
    );
  }
  if (!parsed.success)
    throw new UsageError("--since takes a day (2026-11-22) or an instant (2026-11-22T09:30:00Z)");
  return {
    ...parseConfig(environment, env),
    reason: options.reason,
    since: parsed.data,
    isDryRun: options["dry-run"] === true,
  };
}
