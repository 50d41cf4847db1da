import type { ServerResponse } from "node:http";
import { type Problem, problemKind } from "../contracts/problems.ts";
import type { Logger } from "../runtime/logger.ts";

/** A request that was answered with a problem. `reason` is the problem's kind, such as `forbidden-origin`. */
export type Refusal = { status: number; reason: string; detail: string };

/** Milliseconds between log lines about the same reason, so that one client cannot fill the log. */
const LOG_MS = 60_000;

/** Kinds whose detail repeats the client's text, or names a model. */
const DETAIL_IS_NOT_LOGGED = new Set(["not-found", "unknown-model"]);

/** Calls `onRefusal` if the request is answered with a problem, by any handler. */
export function watchRefusal(response: ServerResponse, onRefusal: (refusal: Refusal) => void): void {
  response.once("problem", (problem: Problem) =>
    onRefusal({ status: problem.status, reason: problemKind(problem), detail: problem.detail }),
  );
}

/**
 * Logs the first refusal of each reason, and then one line a minute with their number.
 *
 * @param adviceOn what the website's owner can do about a reason, if anything.
 * @param now milliseconds of a monotonic clock.
 */
export function createRefusalLog({
  logger,
  adviceOn = () => undefined,
  now = () => performance.now(),
}: {
  logger: Pick<Logger, "warn">;
  adviceOn?: (reason: string) => string | undefined;
  now?: () => number;
}): (refusal: Refusal) => void {
  const lines = new Map<string, { loggedAt: number; requests: number }>();
  return ({ status, reason, detail }) => {
    const at = now();
    const line = lines.get(reason) ?? { loggedAt: Number.NEGATIVE_INFINITY, requests: 0 };
    lines.set(reason, line);
    line.requests += 1;
    if (at - line.loggedAt < LOG_MS) return;
    const logged = DETAIL_IS_NOT_LOGGED.has(reason) ? {} : { detail };
    const advice = adviceOn(reason);
    const advised = advice === undefined ? {} : { advice };
    logger.warn({ status, reason, requests: line.requests, ...logged, ...advised }, "requests are refused");
    line.loggedAt = at;
    line.requests = 0;
  };
}
