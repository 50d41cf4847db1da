import { readFirstAddress } from "@model-views/shared/http/address.ts";
import { z } from "zod";
import { bad, hitOf, type LineFields, type ParsedLine } from "./hit.ts";
import { parseLogTime } from "./log-time.ts";

const text = z.string().optional().catch(undefined);
const number = z.union([z.number(), z.string()]).optional().catch(undefined);
const header = z.array(z.string()).optional().catch(undefined);

/** Caddy's own format (https://caddyserver.com/docs/logging). Headers are lists, in whatever case the client sent them. */
const caddySchema = z.object({
  ts: number,
  status: z.number(),
  request: z.object({
    client_ip: text,
    remote_ip: text,
    method: z.string(),
    host: text,
    uri: z.string(),
    headers: z.record(z.string(), header).catch({}),
  }),
});

/** Traefik's (https://doc.traefik.io/traefik/observability/access-logs/). Headers are there when they are to be kept. */
const traefikSchema = z.object({
  ClientHost: text,
  RequestMethod: z.string(),
  RequestPath: z.string(),
  RequestHost: text,
  DownstreamStatus: z.number(),
  StartUTC: text,
  time: text,
  "request_User-Agent": text,
  request_Referer: text,
});

/** nginx with `escape=json`: the operator names the fields, and most name them like nginx's variables. */
const nginxSchema = z.object({
  remote_addr: text,
  request: text,
  request_method: text,
  request_uri: text,
  uri: text,
  args: text,
  status: z.union([z.number(), z.string()]),
  host: text,
  http_host: text,
  server_name: text,
  http_referer: text,
  http_referrer: text,
  http_user_agent: text,
  time_local: text,
  time_iso8601: text,
  time: text,
  timestamp: text,
  "@timestamp": text,
  msec: number,
});

const REQUEST = /^(\S+) (\S.*?)(?: HTTP\/\d+(?:\.\d+)?)?$/s;

/** Reads a line of JSON as Caddy, Traefik or nginx write it. Caddy's other messages are no views. */
export function parseJsonLine(line: string): ParsedLine {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    return bad("it begins like JSON, and is none, or is cut off");
  }
  const fields = caddyFields(json) ?? traefikFields(json) ?? nginxFields(json);
  if (fields !== undefined) return hitOf(fields);
  const isMessage = typeof json === "object" && json !== null && "level" in json && "msg" in json;
  return isMessage
    ? { kind: "skipped" }
    : bad("JSON in which there is no request as Caddy, Traefik or nginx write it");
}

function caddyFields(json: unknown): LineFields | undefined {
  const { success, data } = caddySchema.safeParse(json);
  if (!success) return undefined;
  const { request, status, ts } = data;
  const headers = Object.entries(request.headers);
  const first = (name: string) => headers.find(([key]) => key.toLowerCase() === name)?.[1]?.[0];
  return {
    method: request.method,
    target: request.uri,
    status: String(status),
    client: clientOf(request.client_ip ?? request.remote_ip, request.host),
    time: timeOf(ts),
    referrer: first("referer"),
    userAgent: first("user-agent"),
    isEscaped: false,
  };
}

function traefikFields(json: unknown): LineFields | undefined {
  const { success, data } = traefikSchema.safeParse(json);
  if (!success) return undefined;
  return {
    method: data.RequestMethod,
    target: data.RequestPath,
    status: String(data.DownstreamStatus),
    client: clientOf(data.ClientHost, data.RequestHost),
    time: timeOf(data.StartUTC ?? data.time),
    referrer: data.request_Referer,
    userAgent: data["request_User-Agent"],
    isEscaped: false,
  };
}

function nginxFields(json: unknown): LineFields | undefined {
  const { success, data } = nginxSchema.safeParse(json);
  if (!success) return undefined;
  const [, method = data.request_method, target = data.request_uri ?? withQuery(data.uri, data.args)] =
    REQUEST.exec(data.request ?? "") ?? [];
  if (method === undefined || target === undefined || data.remote_addr === undefined) return undefined;
  return {
    method,
    target,
    status: String(data.status),
    client: clientOf(data.remote_addr, data.host ?? data.http_host ?? data.server_name),
    time: timeOf(
      data.time_iso8601 ?? data.time_local ?? data.time ?? data.timestamp ?? data["@timestamp"] ?? data.msec,
    ),
    referrer: data.http_referer ?? data.http_referrer,
    userAgent: data.http_user_agent,
    isEscaped: false,
  };
}

function withQuery(path: string | undefined, query: string | undefined): string | undefined {
  return path === undefined || query === undefined || query === "" || query === "-"
    ? path
    : `${path}?${query}`;
}

function clientOf(address: string | undefined, host: string | undefined): LineFields["client"] {
  const known = readFirstAddress(address ?? "");
  return known === undefined
    ? undefined
    : { address: known, host: host?.replace(/:\d{1,5}$/, "") || undefined };
}

/** Seconds since 1970, an ISO 8601 instant, or a time as in Combined Log Format. */
function timeOf(given: string | number | undefined): Date | undefined {
  if (given === undefined || given === "") return undefined;
  const seconds = Number(given);
  const time = Number.isNaN(seconds)
    ? (parseLogTime(String(given)) ?? isoTime(String(given)))
    : new Date(Math.round(seconds * 1_000));
  return time === undefined || Number.isNaN(time.getTime()) ? undefined : time;
}

/** With an offset or `Z`: else it is the time of nobody knows where. */
function isoTime(text: string): Date | undefined {
  return /^\d{4}-\d\d-\d\dT.*(?:Z|[+-]\d\d:?\d\d)$/.test(text) ? new Date(text) : undefined;
}
