import type { Problem } from "@model-views/shared/contracts/problems.ts";
import { queryOptions } from "@tanstack/react-query";

/** Parameters of a question; undefined leaves one out, and lists are written with commas. */
export type Params = Readonly<Record<string, string | number | readonly string[] | undefined>>;

/** Milliseconds after which a question is given up: questions wait for their turn, so they may take long. */
const TIMEOUT_MS = 60_000;

/** An answer that is a problem, or no answer at all (status 0). */
export class AskError extends Error {
  readonly status: number;
  /** The last part of the problem's type, such as `unavailable`; `network` without an answer. */
  readonly kind: string;
  readonly retryAfterSeconds: number | undefined;

  constructor(
    message: string,
    found: { status: number; kind: string; retryAfterSeconds?: number | undefined },
  ) {
    super(message);
    this.name = "AskError";
    this.status = found.status;
    this.kind = found.kind;
    this.retryAfterSeconds = found.retryAfterSeconds;
  }
}

/** The address of a question, with its parameters. */
export function urlOf(path: string, params: Params = {}): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    if (value !== undefined) query.set(name, Array.isArray(value) ? value.join(",") : String(value));
  }
  return query.size === 0 ? path : `${path}?${query}`;
}

/**
 * Asks the stats API.
 *
 * @throws {AskError} for an answer that is not a success, or when no answer comes.
 */
export async function request<Answer>(url: string, init: RequestInit = {}): Promise<Answer> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  const signal = init.signal ? AbortSignal.any([init.signal, timeout]) : timeout;
  let response: Response;
  try {
    response = await fetch(url, { ...init, signal });
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new AskError("The stats API does not answer. Is it running, and is the network up?", {
      status: 0,
      kind: "network",
    });
  }
  if (!response.ok) throw await errorOf(response);
  return (response.status === 204 ? undefined : await response.json()) as Answer;
}

async function errorOf(response: Response): Promise<AskError> {
  const problem: Partial<Problem> = await response.json().catch(() => ({}));
  const seconds = Number(response.headers.get("Retry-After"));
  return new AskError(problem.detail ?? problem.title ?? `The stats API answered with ${response.status}.`, {
    status: response.status,
    kind: problem.type?.split(":").at(-1) ?? "unknown",
    retryAfterSeconds: seconds > 0 ? seconds : undefined,
  });
}

/** Milliseconds between two looks at figures of a period that is not over. */
const REFRESH_MS = 30_000;

export type AskOptions = {
  /** Whether the answer changes as time passes: it is asked again every {@link REFRESH_MS}. */
  isOpen?: boolean;
  /** Milliseconds between two looks, in place of the usual ones. */
  refreshMs?: number;
};

/**
 * A question for `useQuery`. The type of the answer is that of the route's schema.
 *
 * @example useQuery(ask<TimeseriesAnswer>("/v1/timeseries", { ...period.params, interval: "day" }))
 */
export function ask<Answer>(
  path: string,
  params: Params = {},
  { isOpen = false, refreshMs }: AskOptions = {},
) {
  const url = urlOf(path, params);
  return queryOptions({
    queryKey: [path, url],
    queryFn: ({ signal }) => request<Answer>(url, { signal }),
    // Not behind the sign-in: signing in asks everything anew.
    refetchInterval: ({ state }) =>
      state.error instanceof AskError && state.error.status === 401
        ? false
        : (refreshMs ?? (isOpen && REFRESH_MS)),
  });
}
