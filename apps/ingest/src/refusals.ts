import type { RequestListener } from "node:http";
import type { Logger } from "@model-views/shared/logger.ts";
import { type Problem, problemKind } from "@model-views/shared/problems.ts";
import type { IngestMetrics } from "./metrics.ts";
import type { OwnerWarnings } from "./owner-warnings.ts";

/** A request that was answered with a problem. `reason` is the problem's kind: `forbidden-origin`, say. */
export type Refusal = { status: number; reason: string; detail: string };

/** Milliseconds between two log lines about the same reason: a page that posts on must not fill the log. */
const LOG_MS = 60_000;

/** What the owner of a website can do about it. Other reasons are the sender's alone. */
const ADVICE: Record<string, string> = {
  "forbidden-origin": "if that is your website, add it to ALLOWED_ORIGINS",
  "invalid-request": "a page or server of yours may post what is not a view",
  "key-needed": "a server of yours may lack its key, see SERVER_KEYS",
  "outdated-script": "give that page the address and the integrity that ingest logs when it starts",
  "token-needed": "a page of yours may lack its token, or its token may have expired, see PAGE_TOKEN_SECRETS",
  "too-many-requests":
    "if these are many visitors behind one proxy, see TRUST_PROXY, else RATE_LIMIT_PER_MINUTE",
};

/** Calls `onRefusal` for each request that is answered with a problem, wherever in `listener` that happens. */
export function watchRefusals(
  listener: RequestListener,
  onRefusal: (refusal: Refusal) => void,
): RequestListener {
  return (request, response) => {
    response.once("problem", (problem: Problem) =>
      onRefusal({ status: problem.status, reason: problemKind(problem), detail: problem.detail }),
    );
    listener(request, response);
  };
}

/**
 * Counts every refusal, logs the first of each reason and then one line a minute with how many there were, and warns the
 * owner of those that cost views of the website.
 */
export function createRefusalReport({
  metrics,
  logger,
  warnings,
  now,
}: {
  metrics: Pick<IngestMetrics, "refusedRequests">;
  logger: Pick<Logger, "warn">;
  warnings: Pick<OwnerWarnings, "warn">;
  now: () => Date;
}): (refusal: Refusal) => void {
  const lines = new Map<string, { loggedAt: number; requests: number }>();
  return ({ status, reason, detail }) => {
    metrics.refusedRequests.inc({ status, reason });
    const advice = ADVICE[reason];
    if (advice !== undefined) warnings.warn(reason, `Requests are refused: ${detail}; ${advice}`);
    const at = now().getTime();
    const line = lines.get(reason) ?? { loggedAt: Number.NEGATIVE_INFINITY, requests: 0 };
    lines.set(reason, line);
    line.requests += 1;
    if (at - line.loggedAt < LOG_MS) return;
    // The path of a request that finds nothing is text of a stranger's, and may name a person.
    const said = reason === "not-found" ? {} : { detail };
    logger.warn({ status, reason, requests: line.requests, ...said }, "requests are refused");
    line.loggedAt = at;
    line.requests = 0;
  };
}
