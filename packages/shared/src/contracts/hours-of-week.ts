import { z } from "zod";

/** Views in one of the 168 hours of a week. */
export const hourOfWeekSchema = z.object({
  weekday: z.int().min(1).max(7).describe("1 is Monday, 7 is Sunday"),
  hour: z.int().min(0).max(23).describe("By the clock of `tz`, 0 to 23"),
  views: z.int(),
});
export type HourOfWeek = z.infer<typeof hourOfWeekSchema>;

/** Answer of `GET /v1/hours-of-week`: all 168 hours, from Monday at midnight on. */
export const hoursOfWeekSchema = z.object({
  modelId: z.guid().optional(),
  tz: z.string(),
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  items: z.array(hourOfWeekSchema),
  isIncomplete: z.boolean().describe("Retention has removed views of the period, which are not counted here"),
  asOf: z.iso.datetime(),
});
export type HoursOfWeek = z.infer<typeof hoursOfWeekSchema>;
