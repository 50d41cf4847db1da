import { z } from "zod";

/**
 * An IANA time zone: `UTC`, or one with a place such as `Europe/Berlin`. Others (CET, IST) are left out, because PostgreSQL
 * takes them for abbreviations with a fixed offset, and offsets (+05:45), because it reads them with the opposite sign.
 */
export const timeZoneSchema = z
  .string()
  .max(64)
  .refine(isTimeZone, { error: "must be UTC, or an IANA time zone with a place, like Europe/Berlin" });

/** A day in the asked time zone (its start is meant), or an instant with `Z` or an offset. */
export const dayOrInstantSchema = z.union([z.iso.date(), z.iso.datetime({ offset: true })], {
  error: "must be a day like 2026-11-22 or an instant like 2026-11-22T09:30:00Z",
});

/** From `from` on, until just before `to`. */
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
