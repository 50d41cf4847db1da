import { modelBodySchema } from "@model-views/shared/contracts/models.ts";
import { pathOf } from "./path-of.ts";
import { unescapeLogText } from "./unescape-log-text.ts";

/** A page that was asked for and delivered, as a log line tells it. */
export type Hit = {
  /** The client: an IP address, or a name where the server looked it up. */
  address: string;
  viewedAt: Date;
  /** Without query string; short enough for a model's name. */
  path: string;
  /** The campaign's part of the query string, `utm_source=…`; undefined where there is none. Nothing else of it is read. */
  campaign: string | undefined;
  /** The website's host, where the log says it. */
  host: string | undefined;
  /** The next two are undefined in Common Log Format, and where the client did not say. */
  referrer: string | undefined;
  userAgent: string | undefined;
};

/** What a line turned out to be: a view, something that is no view, or nothing that can be read. */
export type ParsedLine = { kind: "hit"; hit: Hit } | { kind: "skipped" } | { kind: "bad"; reason: string };

/** Characters of a campaign that are passed on. */
const CAMPAIGN_CHARS_MAX = 2_000;

/** The fields of a line, whatever its format: as they are, with `-` or nothing for what is not there. */
export type LineFields = {
  method: string;
  /** As it was asked for: a path with its query string, or a whole address. */
  target: string;
  status: string;
  client: { address: string; host: string | undefined } | undefined;
  time: Date | undefined;
  referrer: string | undefined;
  userAgent: string | undefined;
  /** The format escapes quotes and other bytes in a field. */
  isEscaped: boolean;
};

/** Makes a view of a line's fields: a `GET` with status 200. */
export function hitOf(fields: LineFields): ParsedLine {
  const { method, status, client, time, isEscaped } = fields;
  if (status !== "200" || method !== "GET") return { kind: "skipped" };
  const text = isEscaped ? unescapeLogText : (given: string) => given;
  if (client === undefined) return bad("it names no client, or only a host that may be the server's");
  if (time === undefined) return bad("there is no such time");
  const target = text(fields.target);
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
    referrer: given(fields.referrer, text),
    userAgent: given(fields.userAgent, text),
  };
  return { kind: "hit", hit };
}

export function bad(reason: string): ParsedLine {
  return { kind: "bad", reason };
}

/** `-` is how a log says that there was nothing. */
function given(field: string | undefined, text: (given: string) => string): string | undefined {
  return field === undefined || field === "" || field === "-" ? undefined : text(field);
}

function campaignIn(target: string): string | undefined {
  const query = target.split("#", 1)[0]?.split("?").slice(1).join("?") ?? "";
  if (!query.includes("utm_")) return undefined;
  const utm = query.split("&").filter((parameter) => parameter.startsWith("utm_"));
  return utm.length === 0 ? undefined : utm.join("&").slice(0, CAMPAIGN_CHARS_MAX);
}
