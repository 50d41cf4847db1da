import { modelBodySchema } from "@model-views/shared/models.ts";
import { parseLogTime } from "./log-time.ts";
import { pathOf } from "./path-of.ts";
import { unescapeLogText } from "./unescape-log-text.ts";

/** A page that was asked for and delivered, as a log line tells it. */
export type Hit = {
  /** The client: an IP address, or a name where the server looked it up. */
  address: string;
  viewedAt: Date;
  /** Without query string; short enough for a model's name. */
  path: string;
  /** The next two are undefined in Common Log Format, and where the client did not say. */
  referrer: string | undefined;
  userAgent: string | undefined;
};

/** What a line turned out to be: a view, something that is no view, or nothing that can be read. */
export type ParsedLine = { kind: "hit"; hit: Hit } | { kind: "skipped" } | { kind: "bad"; reason: string };

/** In between escapes anything but a quote; written so that no text takes more than one pass. */
const QUOTED = String.raw`"([^"\\]*(?:\\.[^"\\]*)*)"`;
/** Host, ident and user (which may hold spaces), time, request, status, bytes; in Combined also referrer and user agent. */
const LINE = new RegExp(
  String.raw`^(\S+) .*?\[([^\]]{1,40})\] ${QUOTED} (\d{3}) (?:\d+|-)(?: ${QUOTED} ${QUOTED}(?: .*)?)?$`,
  "s",
);
/** HTTP/0.9 has no protocol at the end. */
const GET = /^GET (\S.*?)(?: HTTP\/\d+(?:\.\d+)?)?$/s;

/**
 * Reads a line of Combined or Common Log Format. Fields that a server adds after the user agent are passed over; a
 * line that ends within a quoted field is bad.
 */
export function parseLine(line: string): ParsedLine {
  if (line.trim() === "") return { kind: "skipped" };
  const fields = LINE.exec(line);
  if (fields === null) return bad("not Combined or Common Log Format, or cut off");
  const [, address = "", time = "", request = "", status, referrer, userAgent] = fields;
  if (status !== "200" || !request.startsWith("GET ")) return { kind: "skipped" };

  const viewedAt = parseLogTime(time);
  if (viewedAt === undefined) return bad("there is no such time");
  const path = pathOf(unescapeLogText(GET.exec(request)?.[1] ?? ""));
  if (path === undefined) return bad("the request names no path");
  if (!modelBodySchema.shape.name.safeParse(path).success) return bad("the path cannot be a model's name");
  return {
    kind: "hit",
    hit: { address, viewedAt, path, referrer: given(referrer), userAgent: given(userAgent) },
  };
}

function bad(reason: string): ParsedLine {
  return { kind: "bad", reason };
}

/** `-` is how a log says that there was nothing. */
function given(field: string | undefined): string | undefined {
  return field === undefined || field === "" || field === "-" ? undefined : unescapeLogText(field);
}
