import { modelBodySchema } from "@model-views/shared/contracts/models.ts";

/** A page that was requested and delivered, as a log line describes it. */
export type Hit = {
  /** The client: an IP address, or a name where the server looked it up. */
  address: string;
  viewedAt: Date;
  /** Without query string; short enough for a model's name. */
  path: string;
  /** The campaign's part of the query string, `utm_source=…`; undefined where there is none. The rest of it is not read. */
  campaign: string | undefined;
  /** The website's host, where the log has it. */
  host: string | undefined;
  /** The next two are undefined in Common Log Format, and where the client did not send them. */
  referrer: string | undefined;
  userAgent: string | undefined;
};

/** What a line turned out to be: a view, something that is not a view, or nothing that can be read. */
export type ParsedLine = { kind: "hit"; hit: Hit } | { kind: "skipped" } | { kind: "bad"; reason: string };

/** The fields of a line of any format, as they are there, with `-` or nothing for a field without a value. */
export type LineFields = {
  method: string;
  /** As it was requested: a path with its query string, or a whole address. */
  target: string;
  status: string;
  client: { address: string; host: string | undefined } | undefined;
  time: Date | undefined;
  referrer: string | undefined;
  userAgent: string | undefined;
  /** The format escapes quotes and other bytes in a field. */
  isEscaped: boolean;
};

/** Characters of a campaign that are passed on. */
const CAMPAIGN_CHARS_MAX = 2_000;

/** Makes a view of a line's fields, if the line is a `GET` with status 200. */
export function hitOf(fields: LineFields): ParsedLine {
  const { method, status, client, time, isEscaped } = fields;
  if (status !== "200" || method !== "GET") return { kind: "skipped" };
  const toText = isEscaped ? unescapeLogText : (text: string) => text;
  if (client === undefined) return bad("it names no client, or only a host that may be the server's");
  if (time === undefined) return bad("there is no such time");
  const target = toText(fields.target);
  const path = pathOf(target);
  if (path === undefined) return bad("the request names no path");
  if (!modelBodySchema.shape.name.safeParse(path).success) return bad("the path cannot be a model's name");
  const { address, host } = client;
  const hit = {
    address,
    viewedAt: time,
    path,
    campaign: campaignIn(target),
    host,
    referrer: fieldText(fields.referrer, toText),
    userAgent: fieldText(fields.userAgent, toText),
  };
  return { kind: "hit", hit };
}

export function bad(reason: string): ParsedLine {
  return { kind: "bad", reason };
}

/** A log writes `-` for a field without a value. */
function fieldText(field: string | undefined, toText: (text: string) => string): string | undefined {
  return field === undefined || field === "" || field === "-" ? undefined : toText(field);
}

function campaignIn(target: string): string | undefined {
  const query = target.split("#", 1)[0]?.split("?").slice(1).join("?") ?? "";
  if (!query.includes("utm_")) return undefined;
  const utm = query.split("&").filter((parameter) => parameter.startsWith("utm_"));
  return utm.length === 0 ? undefined : utm.join("&").slice(0, CAMPAIGN_CHARS_MAX);
}

/** `http://host`, and the path if there is one. */
const ABSOLUTE = /^[a-z][a-z\d+.-]*:\/\/[^/]+(\/.*)?$/is;

/**
 * The path of a request's target, without query string and fragment; undefined when it has none. Percent-encoding and
 * dots stay as they were requested: the log does not show which spellings the website treats as the same page.
 */
export function pathOf(target: string): string | undefined {
  const [address = ""] = target.split(/[?#]/, 1);
  if (address.startsWith("/")) return address;
  const absolute = ABSOLUTE.exec(address);
  return absolute === null ? undefined : (absolute[1] ?? "/");
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const LOG_TIME = /^(\d\d)\/([A-Z][a-z][a-z])\/(\d{4}):(\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)$/;
/** The offset of Kiribati, the largest one. */
const OFFSET_HOURS_MAX = 14;
const MINUTE_MS = 60_000;

/**
 * Reads the time of a log line, `17/May/2015:10:05:03 +0000`; undefined when there is no such time. Months are
 * English in any language of the server. A leap second (`:60`) is the first second of the next minute.
 */
export function parseLogTime(text: string): Date | undefined {
  const fields = LOG_TIME.exec(text);
  if (fields === null) return undefined;
  const [, day, monthName = "", year, hour, minute, second, sign, offsetHours, offsetMinutes] = fields;
  const month = MONTHS.indexOf(monthName);
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return undefined;
  if (Number(offsetHours) > OFFSET_HOURS_MAX || Number(offsetMinutes) > 59) return undefined;

  const midnight = new Date(Date.UTC(Number(year), month, Number(day)));
  // Date.UTC reads the 30th of February as the 2nd of March, month -1 as December, and the year 15 as 1915: a date
  // that does not exist ends up in another month or year.
  if (midnight.getUTCFullYear() !== Number(year) || midnight.getUTCMonth() !== month) return undefined;
  const offset = (Number(offsetHours) * 60 + Number(offsetMinutes)) * (sign === "-" ? -1 : 1);
  const minutes = Number(hour) * 60 + Number(minute) - offset;
  return new Date(midnight.getTime() + minutes * MINUTE_MS + Number(second) * 1_000);
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const ESCAPE = /\\(?:x([\dA-Fa-f]{2})|([bnrtv"\\]))/g;
const BYTES: Record<string, number> = { b: 8, n: 10, r: 13, t: 9, v: 11, '"': 34, "\\": 92 };

/**
 * Undoes the escapes that Apache (`\"`, `\\`, `\t`, `\xe4`) and nginx (`\x22`) put into a quoted field. Bytes that are
 * not UTF-8 stay escaped, as they are in the log: replaced by U+FFFD, two different paths could become one.
 */
export function unescapeLogText(text: string): string {
  if (!text.includes("\\")) return text;
  const parts: Buffer[] = [];
  let end = 0;
  for (const { 0: escaped, 1: hex, 2: letter = "", index } of text.matchAll(ESCAPE)) {
    const byte = hex === undefined ? (BYTES[letter] ?? 0) : Number.parseInt(hex, 16);
    parts.push(Buffer.from(text.slice(end, index)), Buffer.of(byte));
    end = index + escaped.length;
  }
  parts.push(Buffer.from(text.slice(end)));
  try {
    return utf8.decode(Buffer.concat(parts));
  } catch {
    return text;
  }
}
