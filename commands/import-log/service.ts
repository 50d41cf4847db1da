import { UsageError } from "@model-views/shared/runtime/run-command.ts";
import { z } from "zod";

/** Milliseconds to wait for one answer. */
const ANSWER_MS_MAX = 30_000;
/** Times that a request is sent before the import gives up: two minutes, with the delays in between. */
const TRIES_MAX = 10;
const FIRST_DELAY_MS = 500;
const DELAY_MS_MAX = 30_000;
/** A `Retry-After` beyond this is cut to it. */
const RETRY_AFTER_MS_MAX = 60_000;
/** Too many requests, or not available for now: from the service or from a proxy in front of it. */
const TRANSIENT = new Set([429, 502, 503, 504]);

/** One of the two services that an import talks to. */
export type Service = {
  name: "ingest" | "stats-api";
  /** Ends with a slash; the routes are relative to it. */
  url: string;
  /** Sent as `Authorization: Bearer`; undefined where development needs none. */
  key: string | undefined;
  /** The variable that has the key, and the option that changes the address: error messages name them. */
  keyVariable: "SERVER_KEYS" | "ADMIN_KEYS";
  option: "--ingest" | "--stats";
};

/** An import that cannot go on because a service or the log fails. The message is for the person who runs it. */
export class ImportStopped extends Error {
  override name = "ImportStopped";
}

/** Ends every message about an import that may have posted views. */
export const RUN_AGAIN =
  "It is safe to run the import again: views that were posted before are recognised, nothing is counted twice.";

/** A request: its path without the leading slash, with its query string. */
export type ServiceRequest = { method: "GET" | "PUT" | "POST"; path: string; body?: string };

export type AskDeps = {
  /** Resolves after that many milliseconds; rejects when `signal` is aborted. */
  wait: (ms: number, signal: AbortSignal) => Promise<void>;
  now: () => Date;
  /** Called before each wait with a line for people. */
  onRetry: (text: string) => void;
  signal: AbortSignal;
};

/**
 * Sends a request until it is answered, and parses the answer. A retry sends the same bytes again.
 *
 * @throws {UsageError} when the service needs a key, or does not accept the one it got.
 * @throws {ImportStopped} when the service keeps failing, or gives an answer that a retry cannot change.
 */
export type Ask = <Schema extends z.ZodType>(
  request: ServiceRequest,
  schema: Schema,
) => Promise<{ status: number; value: z.infer<Schema> }>;

export function createAsk(service: Service, deps: AskDeps): Ask {
  return async (request, schema) => {
    const answer = await sendUntilAnswered(service, request, deps);
    if (answer.status === 401 || answer.status === 403) throw new UsageError(keyNeeded(service));
    const value = answer.status >= 200 && answer.status < 300 ? parseJson(schema, answer.text) : undefined;
    if (value !== undefined) return { status: answer.status, value };
    const route = `${request.method} /${request.path.split("?", 1)[0]}`;
    throw new ImportStopped(`${nameAndUrl(service)} answers ${route} with ${inWords(answer)}. ${RUN_AGAIN}`);
  };
}

/**
 * Sends one request without retries, so that a service that was not started is reported at once and not after two minutes.
 *
 * @throws {ImportStopped} when nothing answers.
 */
export async function checkReachable(service: Service): Promise<void> {
  const result = await send(
    { ...service, key: undefined },
    { method: "GET", path: "livez" },
    new AbortController().signal,
  );
  if (result.kind === "answer") return;
  throw new ImportStopped(
    `No ${service.name} answers at ${service.url} (${result.reason}): start the services with \`npm start\`, or name its address with ${service.option}.`,
  );
}

/**
 * Milliseconds until the next try after `tries` that failed. They double up to half a minute, and are at least what the
 * answer's `Retry-After` (seconds, or a date) asks for, up to a minute.
 */
export function retryDelayMs(tries: number, retryAfter: string | undefined, now: Date): number {
  const backoffMs = Math.min(FIRST_DELAY_MS * 2 ** (tries - 1), DELAY_MS_MAX);
  return Math.max(backoffMs, Math.min(retryAfterMs(retryAfter, now), RETRY_AFTER_MS_MAX));
}

function retryAfterMs(retryAfter: string | undefined, now: Date): number {
  if (retryAfter === undefined) return 0;
  if (/^\d{1,9}$/.test(retryAfter)) return Number(retryAfter) * 1_000;
  const until = Date.parse(retryAfter);
  return Number.isNaN(until) ? 0 : until - now.getTime();
}

type Answer = { kind: "answer"; status: number; retryAfter: string | undefined; text: string };
type NoAnswer = { kind: "none"; reason: string };

async function sendUntilAnswered(
  service: Service,
  request: ServiceRequest,
  { wait, now, onRetry, signal }: AskDeps,
): Promise<Answer> {
  for (let tries = 1; ; tries++) {
    const result = await send(service, request, signal);
    if (result.kind === "answer" && !TRANSIENT.has(result.status)) return result;
    const trouble =
      result.kind === "answer" ? `answers ${inWords(result)}` : `does not answer (${result.reason})`;
    if (tries >= TRIES_MAX) {
      throw new ImportStopped(`${nameAndUrl(service)} ${trouble}, after ${tries} tries. ${RUN_AGAIN}`);
    }
    const delayMs = retryDelayMs(tries, result.kind === "answer" ? result.retryAfter : undefined, now());
    onRetry(`${service.name} ${trouble}; trying again in ${Math.ceil(delayMs / 1_000)} s`);
    await wait(delayMs, signal);
  }
}

/** Sends one request, once. Rejects only when `signal` was aborted. */
async function send(
  { url, key }: Service,
  { method, path, body }: ServiceRequest,
  signal: AbortSignal,
): Promise<Answer | NoAnswer> {
  try {
    const response = await fetch(new URL(path, url), {
      method,
      headers: {
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        ...(key === undefined ? {} : { Authorization: `Bearer ${key}` }),
      },
      ...(body === undefined ? {} : { body }),
      // A redirect that is followed could turn a POST into a GET.
      redirect: "manual",
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS_MAX)]),
    });
    const retryAfter = response.headers.get("retry-after") ?? undefined;
    return { kind: "answer", status: response.status, retryAfter, text: await response.text() };
  } catch (error) {
    signal.throwIfAborted();
    return { kind: "none", reason: reasonOf(error) };
  }
}

/** The message of `fetch` is always "fetch failed"; the reason is in its cause. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (!(cause instanceof Error)) return String(cause);
  return "code" in cause && typeof cause.code === "string" ? cause.code : cause.message;
}

function nameAndUrl({ name, url }: Service): string {
  return `${name} at ${url}`;
}

function keyNeeded({ name, key, keyVariable }: Service): string {
  return key === undefined
    ? `${name} needs a key: set ${keyVariable} to one that it was started with.`
    : `${name} does not accept the first key of ${keyVariable}: set ${keyVariable} to one that it was started with.`;
}

const problemSchema = z.object({ detail: z.string() });

/** The status, and the detail of a problem answer. */
function inWords({ status, text }: Answer): string {
  const detail = parseJson(problemSchema, text)?.detail;
  return detail === undefined ? String(status) : `${status} (${detail})`;
}

function parseJson<Schema extends z.ZodType>(schema: Schema, text: string): z.infer<Schema> | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  return schema.safeParse(json).data;
}
