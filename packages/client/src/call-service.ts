import type { ReadOptions, Service } from "./config.ts";
import { fetchTwice } from "./fetch-twice.ts";
import { isOfFramework, ModelViewsError } from "./model-views-error.ts";
import { within } from "./within.ts";

type ServiceCall<T> = {
  /** Path and query, from `/v1` on. */
  path: string;
  /** What to send; without it the call is a GET. It may be sent twice and must count once: a posted view has an id. */
  write?: { method: "POST" | "PUT"; body: Record<string, unknown> };
  /** Reads the answer; undefined when it has another shape. */
  parse: (answer: unknown) => T | undefined;
};

/**
 * Calls a service, and once more when it cannot be reached or is restarting. Settles within `timeoutMs`, both tries
 * included.
 *
 * @throws {ModelViewsError} when there is no answer that the caller can use.
 */
export async function callService<T>(
  service: Service,
  { path, write, parse }: ServiceCall<T>,
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

/** @throws {ModelViewsError} `not-configured` when the address is missing or is not a URL. */
export function addressOf({ name, url }: Service): string {
  if (url === undefined || !/^https?:\/\//i.test(url) || !URL.canParse(url)) {
    throw new ModelViewsError(`the address of ${name} is not set, or is no URL`, { code: "not-configured" });
  }
  return url.replace(/\/+$/, "");
}

/** Runs `work`. Its errors name the service. */
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
  write: ServiceCall<unknown>["write"],
  { cache, next }: ReadOptions,
): RequestInit & { next?: ReadOptions["next"] } {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (key) headers["Authorization"] = `Bearer ${key}`;
  // Following a redirect would send the key to another address.
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
    // Not JSON, so it comes from something other than the service.
  }
  const { status } = response;
  if (!response.ok) {
    throw new ModelViewsError(`${name} answered ${status}${detailOf(answer)}`, { code: "refused", status });
  }
  const parsed = parse(answer);
  if (parsed !== undefined) return parsed;
  throw new ModelViewsError(`${name} gave an answer of another kind`, { code: "unexpected-answer", status });
}

/** The `detail` of a problem answer (RFC 9457). */
function detailOf(answer: unknown): string {
  if (typeof answer !== "object" || answer === null || !("detail" in answer)) return "";
  return typeof answer.detail === "string" ? `: ${answer.detail}` : "";
}

/** The code alone: the message about an invalid header would contain the key. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = typeof cause === "object" && cause !== null && "code" in cause ? cause.code : undefined;
  return typeof code === "string" ? `: ${code}` : "";
}
