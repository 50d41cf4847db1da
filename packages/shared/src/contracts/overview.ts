import { z } from "zod";
import { breakdownsAnswerSchema } from "./breakdown.ts";
import { liveStatsSchema } from "./live.ts";
import { partOf } from "./part.ts";
import { topInPeriodAnswerSchema } from "./period-stats.ts";
import { topModelsAnswerSchema } from "./stats.ts";
import { timeseriesAnswerSchema } from "./timeseries.ts";

const totalsShape = {
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  totalViews: z.int().nullable().describe("Null where retention has removed views"),
  uniqueViews: z.int().nullable().describe("Null where retention has removed who viewed"),
};

/** Views and viewers of the whole site in a period, and in the one of the same length just before. */
export const totalsSchema = z.object({
  ...totalsShape,
  previous: z
    .object(totalsShape)
    .optional()
    .describe("The preceding period of the same length, if requested"),
  asOf: z.iso.datetime(),
});
export type Totals = z.infer<typeof totalsSchema>;

/** Answer of `GET /v1/overview`. A part that fails has its problem, and the others have their data. */
export const overviewAnswerSchema = z.object({
  totals: partOf(totalsSchema).describe("Views and viewers of the whole site"),
  timeseries: partOf(timeseriesAnswerSchema).describe("Those of the whole site over time"),
  topByViews: partOf(topInPeriodAnswerSchema).describe("The ten most viewed models of the period"),
  topByViewers: partOf(topInPeriodAnswerSchema).describe(
    "The ten models with the most viewers in the period",
  ),
  trending: partOf(topModelsAnswerSchema).describe("The ten models that are trending now"),
  breakdowns: partOf(breakdownsAnswerSchema).describe(
    "Countries, devices, browsers, referrers and campaign sources",
  ),
  live: partOf(liveStatsSchema).describe("What happens now"),
  asOf: z.iso.datetime(),
});
