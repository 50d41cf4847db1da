import { parseArgs } from "node:util";
import { rejectedReasonSchema } from "@model-views/shared/contracts/rejected.ts";
import { parseConfig } from "@model-views/shared/runtime/config.ts";
import { UsageError } from "@model-views/shared/runtime/run-command.ts";
import type { z } from "zod";
import { databaseSettings, instantSchema, queueSettings } from "../shared/settings.ts";

const environment = databaseSettings.extend(queueSettings.shape);

export type RedriveSettings = z.infer<typeof environment> & {
  reason: string | undefined;
  since: Date | undefined;
  isDryRun: boolean;
};

/** @throws {UsageError} when the command line is wrong; {ConfigError} when a variable is. */
export function redriveSettings(args: readonly string[], env: NodeJS.ProcessEnv): RedriveSettings {
  const { values: options } = parseArgs({
    args: [...args],
    options: { reason: { type: "string" }, since: { type: "string" }, "dry-run": { type: "boolean" } },
  });
  const parsed = instantSchema.optional().safeParse(options.since);
  if (options.reason !== undefined && !rejectedReasonSchema.safeParse(options.reason).success) {
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
