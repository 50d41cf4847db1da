const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const LOG_TIME = /^(\d\d)\/([A-Z][a-z][a-z])\/(\d{4}):(\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)$/;
/** Kiribati's; nowhere is further from UTC. */
const OFFSET_HOURS_MAX = 14;
const MINUTE_MS = 60_000;

/**
 * Reads the time of a log line, `17/May/2015:10:05:03 +0000`; undefined when there is no such time. Months are
 * English whatever the server's language. A leap second (`:60`) is the first second of the next minute.
 */
export function parseLogTime(text: string): Date | undefined {
  const fields = LOG_TIME.exec(text);
  if (fields === null) return undefined;
  const [, day, monthName = "", year, hour, minute, second, sign, offsetHours, offsetMinutes] = fields;
  const month = MONTHS.indexOf(monthName);
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return undefined;
  if (Number(offsetHours) > OFFSET_HOURS_MAX || Number(offsetMinutes) > 59) return undefined;

  const midnight = new Date(Date.UTC(Number(year), month, Number(day)));
  // Date.UTC takes the 30th of February for the 2nd of March, month -1 for December, and the year 15 for 1915: a
  // date that is none ends up in another month or year.
  if (midnight.getUTCFullYear() !== Number(year) || midnight.getUTCMonth() !== month) return undefined;
  const offset = (Number(offsetHours) * 60 + Number(offsetMinutes)) * (sign === "-" ? -1 : 1);
  const minutes = Number(hour) * 60 + Number(minute) - offset;
  return new Date(midnight.getTime() + minutes * MINUTE_MS + Number(second) * 1_000);
}
