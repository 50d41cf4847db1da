import type { ServerResponse } from "node:http";
import { type Problem, problemKind } from "../contracts/problems.ts";
import type { Logger } from "../runtime/logger.ts";

/** A request that was answered with a problem. `reason` is the problem's kind: `forbidden-origin`, say. */
export type Refusal = { status: number; reason: string; detail: string };

/** Milliseconds between two log lines about the same reason: a client that asks on must not fill the log. */
const LOG_MS = 60_000;

/** Their detail repeats what a stranger has written, or names a model. */
const DETAIL_IS_NOT_LOGGED = new Set(["not-found", "unknown-model"]);

/** Calls `onRefusal` if the request is answered with a problem, wherever that happens. */
export function watchRefusal(response: ServerResponse, onRefusal: (refusal: Refusal) => void): void {
  response.once("problem", (problem: Problem) =>
    onRefusal({ status: problem.status, reason: problemKind(problem), detail: problem.detail }),
  );
}

/**
 * Logs the first refusal of each reason, and then one line a minute with how many there were.
 *
 * @param now milliseconds of a clock that only goes forward.
 */
export function createRefusalLog({
  logger,
  now = () => performance.now(),
}: {
  logger: Pick<Logger, "warn">;
  now?: () => number;
}): (refusal: Refusal) => void {
  const lines = new Map<string, { loggedAt: number; requests: number }>();
  return ({ status, reason, detail }) => {
    const at = now();
    const line = lines.get(reason) ?? { loggedAt: Number.NEGATIVE_INFINITY, requests: 0 };
    lines.set(reason, line);
    line.requests += 1;
    if (at - line.loggedAt < LOG_MS) return;
    const said = DETAIL_IS_NOT_LOGGED.has(reason) ? {} : { detail };
    logger.warn({ status, reason, requests: line.requests, ...said }, "requests are refused");
    line.loggedAt = at;
    line.requests = 0;
  };
}
