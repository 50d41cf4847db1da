import { pickerOf } from "./pick.ts";

/** Where viewers live. */
export type Country = {
  code: string;
  weight: number;
  /** Where its people live mostly. */
  timeZone: string;
  /** The first two bytes of addresses of a large provider there, which ingest's country database has whole. */
  network: string;
};

/** Most are in Europe, where the agency is. */
export const COUNTRIES: readonly Country[] = [
  { code: "DE", weight: 24, timeZone: "Europe/Berlin", network: "91.0" },
  { code: "GB", weight: 12, timeZone: "Europe/London", network: "86.128" },
  { code: "FR", weight: 10, timeZone: "Europe/Paris", network: "90.0" },
  { code: "US", weight: 10, timeZone: "America/New_York", network: "73.0" },
  { code: "IT", weight: 7, timeZone: "Europe/Rome", network: "79.0" },
  { code: "ES", weight: 5, timeZone: "Europe/Madrid", network: "83.32" },
  { code: "AT", weight: 5, timeZone: "Europe/Vienna", network: "80.108" },
  { code: "NL", weight: 4, timeZone: "Europe/Amsterdam", network: "84.80" },
  { code: "CH", weight: 4, timeZone: "Europe/Zurich", network: "85.0" },
  { code: "PL", weight: 3.5, timeZone: "Europe/Warsaw", network: "83.0" },
  { code: "BR", weight: 3, timeZone: "America/Sao_Paulo", network: "189.0" },
  { code: "JP", weight: 2.5, timeZone: "Asia/Tokyo", network: "126.0" },
  { code: "SE", weight: 2, timeZone: "Europe/Stockholm", network: "78.64" },
  { code: "IN", weight: 2, timeZone: "Asia/Kolkata", network: "117.192" },
  { code: "KR", weight: 1.5, timeZone: "Asia/Seoul", network: "121.128" },
  { code: "AU", weight: 1.5, timeZone: "Australia/Sydney", network: "1.120" },
  { code: "NG", weight: 1.2, timeZone: "Africa/Lagos", network: "197.210" },
  { code: "CA", weight: 1.2, timeZone: "America/Toronto", network: "70.24" },
  { code: "MX", weight: 1, timeZone: "America/Mexico_City", network: "189.128" },
  { code: "ZA", weight: 0.8, timeZone: "Africa/Johannesburg", network: "105.224" },
];

export const pickCountry = pickerOf(COUNTRIES);

const offsets = new Map<string, number>();

/** Hours by which a time zone is ahead of UTC on a day. */
export function offsetHours(timeZone: string, day: Date): number {
  const key = `${timeZone} ${day.getTime()}`;
  const known = offsets.get(key);
  if (known !== undefined) return known;
  const noon = new Date(day.getTime() + 43_200_000);
  const parts = new Intl.DateTimeFormat("en", { timeZone, timeZoneName: "longOffset" }).formatToParts(noon);
  const name = parts.find(({ type }) => type === "timeZoneName")?.value ?? "GMT";
  const [, sign = "+", hours = "0", minutes = "0"] = /GMT([+-])(\d+):(\d+)/.exec(name) ?? [];
  const offset = (Number(hours) + Number(minutes) / 60) * (sign === "-" ? -1 : 1);
  offsets.set(key, offset);
  return offset;
}
