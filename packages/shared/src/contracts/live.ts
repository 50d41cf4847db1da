import { z } from "zod";

/** Minutes that count as now. */
export const LIVE_MINUTES = 5;

/** Data of each event of `GET /v1/live`: what has happened in the last five minutes, bots left out. */
export const liveStatsSchema = z.object({
  views: z.int(),
  viewers: z.int(),
  asOf: z.iso.datetime(),
});
export type LiveStats = z.infer<typeof liveStatsSchema>;
