import { z } from "zod";

/** Minutes that count as now. */
export const LIVE_MINUTES = 5;

/** Data of each event of `GET /v1/live`: views and viewers of the last five minutes, without bots. */
export const liveStatsSchema = z.object({
  views: z.int(),
  viewers: z.int(),
  asOf: z.iso.datetime(),
});
export type LiveStats = z.infer<typeof liveStatsSchema>;
