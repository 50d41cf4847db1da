import { createRefusalLog, type Refusal } from "@model-views/shared/http/refusals.ts";
import type { Logger } from "@model-views/shared/runtime/logger.ts";
import type { OwnerWarnings } from "@model-views/shared/runtime/owner-warnings.ts";
import type { IngestMetrics } from "../metrics.ts";

/** What the website's owner can do about a refusal. Other reasons concern the sender alone. */
const ADVICE: Record<string, string> = {
  "forbidden-origin": "if that is your website, add it to ALLOWED_ORIGINS",
  "invalid-request": "a page or server of yours may post what is not a view",
  "key-needed": "a server of yours may lack its key, see SERVER_KEYS",
  "outdated-script": "give that page the address and the integrity that ingest logs when it starts",
  "token-needed": "a page of yours may lack its token, or its token may have expired, see PAGE_TOKEN_SECRETS",
  "too-many-requests":
    "if these are many visitors behind one proxy, see TRUST_PROXY, else RATE_LIMIT_PER_MINUTE",
};

/**
 * Counts every refusal. Logs the first of each reason, and then one line a minute with their number and advice. Warnings show the
 * owner refusals that cost views of the website.
 */
export function createRefusalReport({
  metrics,
  logger,
  warnings,
  now = () => performance.now(),
}: {
  metrics: Pick<IngestMetrics, "refusedRequests">;
  logger: Pick<Logger, "warn">;
  warnings: Pick<OwnerWarnings, "show">;
  /** Milliseconds of a monotonic clock. */
  now?: () => number;
}): (refusal: Refusal) => void {
  const log = createRefusalLog({ logger, adviceOn: (reason) => ADVICE[reason], now });
  return (refusal) => {
    const { status, reason, detail } = refusal;
    metrics.refusedRequests.inc({ status, reason });
    const advice = ADVICE[reason];
    if (advice !== undefined) warnings.show(reason, `Requests are refused: ${detail}; ${advice}`);
    log(refusal);
  };
}
