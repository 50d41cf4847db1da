import type { ReadOptions } from "./config.ts";
import { fetchTwice } from "./fetch-twice.ts";
import { isOfFramework, ModelViewsError } from "./model-views-error.ts";
import { within } from "./within.ts";

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
  /** What to write; a question without it is a GET. A second try must not count twice: a posted view has an id. */
  write?: { method: "POST" | "PUT"; body: Record<string, unknown> };
  /** What the answer says; undefined when it is of another kind. */
  parse: (answer: unknown) => T | undefined;
};

/**
 * Asks a service, and a second time when it cannot be reached or is just restarting. Settles within `timeoutMs`, both
 * tries together.
 *
 * @throws {ModelViewsError} when there is no answer that the caller can use.
 */
export async function askService<T>(
  service: Service,
  { path, write, parse }: Question<T>,
  options: ReadOptions & { timeoutMs: number },
): Promise<T> {
  const url = addressOf(service) + path;
  return orUnreachable(service, () =>
    within(options.timeoutMs, options.signal, async (signal) => {
      const init = requestOf(service, write, options);
      const response = await fetchTwice(options.fetch, url, { ...init, signal });
      return read(service, response, parse);
    }),
  );
}

/** @throws {ModelViewsError} `not-configured` when it is no address. */
export function addressOf({ name, url }: Service): string {
  if (url === undefined || !/^https?:\/\//i.test(url) || !URL.canParse(url)) {
    throw new ModelViewsError(`the address of ${name} is not set, or is no URL`, { code: "not-configured" });
  }
  return url.replace(/\/+$/, "");
}

/** Makes every failure of `work` one that names the service. */
export async function orUnreachable<T>({ name }: Service, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isOfFramework(error)) throw error;
    if (!(error instanceof ModelViewsError)) {
      throw new ModelViewsError(`${name} cannot be reached${reasonOf(error)}`, { code: "unreachable" });
    }
    throw error.code === "timeout"
      ? new ModelViewsError(`${name} ${error.message}`, { code: "timeout" })
      : error;
  }
}

function requestOf(
  { key }: Service,
  write: Question<unknown>["write"],
  { cache, next }: ReadOptions,
): RequestInit & { next?: ReadOptions["next"] } {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (key) headers["Authorization"] = `Bearer ${key}`;
  // A redirect is an answer that says so: following it would send the key elsewhere.
  const common = { headers, redirect: "manual" } as const;
  if (write === undefined) return { ...common, ...(cache ? { cache } : {}), ...(next ? { next } : {}) };
  headers["Content-Type"] = "application/json";
  return { ...common, method: write.method, body: JSON.stringify(write.body), cache: "no-store" };
}

async function read<T>(
  { name }: Service,
  response: Response,
  parse: (answer: unknown) => T | undefined,
): Promise<T> {
  let answer: unknown;
  try {
    answer = await response.json();
  } catch {
    // Not JSON, so it is neither an answer nor a problem of ours.
  }
  const { status } = response;
  if (!response.ok) {
    throw new ModelViewsError(`${name} answered ${status}${detailOf(answer)}`, { code: "refused", status });
  }
  const parsed = parse(answer);
  if (parsed !== undefined) return parsed;
  throw new ModelViewsError(`${name} gave an answer of another kind`, { code: "unexpected-answer", status });
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
