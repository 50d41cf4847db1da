import { z } from "zod";
import { partOf } from "./part.ts";
import { serviceStatusSchema } from "./pipeline.ts";

/** Answer of `GET /v1/settings`: how the system is set up, without secrets. */
export const settingsAnswerSchema = z.object({
  reportingTimeZone: z.string().nullable().describe("Null while the database cannot be asked"),
  keys: z
    .array(
      z.object({
        name: z.string(),
        kind: z.enum(["stats", "admin"]),
        lastUsedAt: z.iso
          .datetime()
          .nullable()
          .describe(
            "When this process of the stats API was last asked with it; null: not since it was started",
          ),
      }),
    )
    .describe("The keys that may read, and those that may change things too"),
  services: partOf(z.array(serviceStatusSchema)).describe("Every process that runs, with its settings"),
  version: z.string(),
  asOf: z.iso.datetime(),
});
export type SettingsAnswer = z.infer<typeof settingsAnswerSchema>;
