import { clientOf } from "./client-of.ts";
import { bad, hitOf, type ParsedLine } from "./hit.ts";
import { parseLogTime } from "./log-time.ts";
import { parseJsonLine } from "./parse-json-line.ts";

/** In between escapes anything but a quote; written so that no text takes more than one pass. */
const QUOTED = String.raw`"([^"\\]*(?:\\.[^"\\]*)*)"`;
/**
 * Perhaps the virtual host, then host, ident and user (which may hold spaces), time, request, status, bytes; in Combined also
 * referrer and user agent.
 */
const LINE = new RegExp(
  String.raw`^(\S.*?)\[([^\]]{1,40})\] ${QUOTED} (\d{3}) (?:\d+|-)(?: ${QUOTED} ${QUOTED}(?: .*)?)?$`,
  "s",
);
/** HTTP/0.9 has no protocol at the end. */
const REQUEST = /^(\S+) (\S.*?)(?: HTTP\/\d+(?:\.\d+)?)?$/s;

/**
 * Reads a line of Combined or Common Log Format, also with the virtual host in front, or of JSON as Caddy, Traefik and nginx
 * write it. Fields that a server adds after the user agent are passed over; a line that ends within a quoted field is bad.
 */
export function parseLine(line: string): ParsedLine {
  if (line.trim() === "") return { kind: "skipped" };
  if (line.startsWith("{")) return parseJsonLine(line);
  const fields = LINE.exec(line);
  if (fields === null) return bad("not Combined or Common Log Format, nor JSON, or cut off");
  const [, beforeTime = "", time = "", request = "", status = "", referrer, userAgent] = fields;
  const [, method = request.split(" ", 1)[0] ?? "", target = ""] = REQUEST.exec(request) ?? [];
  return hitOf({
    method,
    target,
    status,
    client: clientOf(beforeTime),
    time: parseLogTime(time),
    referrer,
    userAgent,
    isEscaped: true,
  });
}
