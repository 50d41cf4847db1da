import { type ActionState, failure } from "./action-state.ts";
import { TimeoutError, within } from "./within.ts";

/** A service as the website reaches it. */
export type Service = {
  /** How errors call it. */
  name: string;
  /** Its address; a path in it is kept. */
  url: string | undefined;
  /** Sent as `Authorization: Bearer …`. Never part of an error. */
  key: string | undefined;
};

type Question<T> = {
  /** Path and query, from `/v1` on. */
  path: string;
  /** Posted as JSON; a question without one is a GET. */
  body?: Record<string, unknown>;
  /** Whether an answer is one that the caller can use. */
  isAnswer: (answer: unknown) => answer is T;
  timeoutMs: number;
};

/** Statuses of a proxy, or of a service that is just restarting. */
const PASSING = new Set([502, 503, 504]);

/**
 * Asks a service, and once more when it cannot be reached or is just away. Settles within `timeoutMs`, all in all, and
 * never rejects. Whoever posts gives the body an id, so that the second post is recognised.
 */
export async function askService<T>(service: Service, question: Question<T>): Promise<ActionState<T>> {
  if (!isAddress(service.url)) return failure(`the address of ${service.name} is not set, or is no URL`);
  const url = service.url.replace(/\/+$/, "") + question.path;
  try {
    return await within(question.timeoutMs, async (signal) => {
      const init = requestOf(service, question, signal);
      const response = await fetchTwice(url, init);
      return await read(service, response, question.isAnswer);
    });
  } catch (error) {
    if (error instanceof TimeoutError) {
      return failure(`${service.name} did not answer within ${question.timeoutMs} ms`);
    }
    return failure(`${service.name} cannot be reached${reasonOf(error)}`);
  }
}

function isAddress(url: string | undefined): url is string {
  return url !== undefined && /^https?:\/\//i.test(url) && URL.canParse(url);
}

function requestOf(
  { key }: Service,
  { body }: { body?: Record<string, unknown> },
  signal: AbortSignal,
): RequestInit {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (key) headers["Authorization"] = `Bearer ${key}`;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  return {
    headers,
    signal,
    // Next.js may keep the answer of a GET for good otherwise.
    cache: "no-store",
    redirect: "error",
    ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
  };
}

async function fetchTwice(url: string, init: RequestInit): Promise<Response> {
  try {
    const response = await fetch(url, init);
    // One that says when to come back is believed: that is later than anybody waits here.
    if (!PASSING.has(response.status) || response.headers.has("Retry-After")) return response;
    await response.body?.cancel();
  } catch (error) {
    if (init.signal?.aborted) throw error;
  }
  return fetch(url, init);
}

async function read<T>(
  { name }: Service,
  response: Response,
  isAnswer: (answer: unknown) => answer is T,
): Promise<ActionState<T>> {
  let answer: unknown;
  try {
    answer = await response.json();
  } catch {
    // Not JSON, so it is neither an answer nor a problem of ours.
  }
  if (!response.ok) return failure(`${name} answered ${response.status}${detailOf(answer)}`);
  return isAnswer(answer)
    ? { success: true, data: answer }
    : failure(`${name} gave an answer of another kind`);
}

/** What a problem answer (RFC 9457) says. */
function detailOf(answer: unknown): string {
  if (typeof answer !== "object" || answer === null || !("detail" in answer)) return "";
  return typeof answer.detail === "string" ? `: ${answer.detail}` : "";
}

/** The code alone: the message of a header that is not valid would repeat the key. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = typeof cause === "object" && cause !== null && "code" in cause ? cause.code : undefined;
  return typeof code === "string" ? `: ${code}` : "";
}
