import { readAddress, readFirstAddress } from "@model-views/shared/contracts/address.ts";
import { bad, hitOf, type LineFields, type ParsedLine, parseLogTime } from "./hit.ts";
import { parseJsonLine } from "./parse-json-line.ts";

/** In between escapes anything but a quote; written so that no text takes more than one pass. */
const QUOTED = String.raw`"([^"\\]*(?:\\.[^"\\]*)*)"`;
/**
 * Perhaps the virtual host, then host, ident and user (which may contain spaces), time, request, status, bytes; in
 * Combined also referrer and user agent.
 */
const LINE = new RegExp(
  String.raw`^(\S.*?)\[([^\]]{1,40})\] ${QUOTED} (\d{3}) (?:\d+|-)(?: ${QUOTED} ${QUOTED}(?: .*)?)?$`,
  "s",
);
/** HTTP/0.9 has no protocol at the end. */
const REQUEST = /^(\S+) (\S.*?)(?: HTTP\/\d+(?:\.\d+)?)?$/s;

/**
 * Reads a line of Combined or Common Log Format, also with the virtual host in front, or of JSON as Caddy, Traefik and
 * nginx write it. Fields that a server adds after the user agent are ignored; a line that ends inside a quoted field is bad.
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

/** `www.example.org`, also with a port. */
const HOST = /^(?:[a-z\d_](?:[a-z\d_-]*[a-z\d_])?\.)*[a-z\d_](?:[a-z\d_-]*[a-z\d_])?\.?(?::\d{1,5})?$/i;
const PORT = /:\d{1,5}$/;

/**
 * The client of a line, from the text before its time: `client ident user`, or with the virtual host in front (Apache's
 * `vhost_combined`, Debian's other_vhosts_access.log; nginx's `$host`), with and without its port. Of a list, as
 * `X-Forwarded-For` is one, the client is the first address. Where the server looks up names, the client is a name.
 *
 * Undefined where the text names no client, or a host that may be the server's: a host must not become a viewer.
 */
function clientOf(beforeTime: string): LineFields["client"] {
  const words = beforeTime.trim().split(/ +/);
  const [first = "", second = "", third] = words;
  const address = readFirstAddress(first.replace(/^"/, ""));
  const behind = readFirstAddress(second);
  // A server that was called by its address is in front of the client as well; in a list each but the last has a comma.
  const isHost = HOST.test(first) || address !== undefined;
  if (behind !== undefined && isHost && !first.endsWith(","))
    return { address: behind, host: first.replace(PORT, "") };
  if (address !== undefined) return { address, host: undefined };
  if (!HOST.test(first)) return undefined;
  // Only a server's name has a port here. After it comes the client's name, where the server looked it up.
  if (PORT.test(first)) {
    return third !== undefined && isName(second)
      ? { address: second, host: first.replace(PORT, "") }
      : undefined;
  }
  // A name alone, then ident, which hardly any server has, and user.
  return isName(first) && second === "-" ? { address: first, host: undefined } : undefined;
}

function isName(word: string): boolean {
  return HOST.test(word) && !PORT.test(word) && readAddress(word) === undefined;
}
