import { z } from "zod";

/**
 * An IANA time zone: `UTC`, or one with a place, such as `Europe/Berlin`. Others (CET, IST) are refused, because PostgreSQL
 * reads them as abbreviations with a fixed offset. So are offsets (+05:45), which it reads with the opposite sign.
 */
export const timeZoneSchema = z
  .string()
  .max(64)
  .refine(isTimeZone, { error: "must be UTC, or an IANA time zone with a place, like Europe/Berlin" });

/** A day in the requested time zone (meaning its start), or an instant with `Z` or an offset. */
export const dayOrInstantSchema = z.union([z.iso.date(), z.iso.datetime({ offset: true })], {
  error: "must be a day like 2026-11-22 or an instant like 2026-11-22T09:30:00Z",
});

/** With which earlier period a period is compared. */
export const compareSchema = z
  .enum(["previous", "days", "weekdays", "year"])
  .describe(
    "Adds an earlier period: of the same length just before (`previous`); as many calendar days of `tz` before as the period touches, so that a day that is not over is compared until the same time (`days`); the least number of whole weeks before that is not less than that, so the same weekdays (`weekdays`); or the same dates a year before (`year`)",
  );
export type Compare = z.infer<typeof compareSchema>;

/** From `from` (inclusive) to `to` (exclusive). */
export type Period = { from: Date; to: Date };

function isTimeZone(name: string): boolean {
  if (name === "UTC") return true;
  if (!/^[A-Za-z_]+\/./.test(name)) return false;
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
