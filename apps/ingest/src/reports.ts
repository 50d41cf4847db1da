import type { IncomingMessage } from "node:http";
import { trustAdvice } from "@model-views/shared/http/client-address.ts";
import { listenHost } from "@model-views/shared/runtime/config.ts";
import type { Logger } from "@model-views/shared/runtime/logger.ts";
import type { OwnerWarnings } from "@model-views/shared/runtime/owner-warnings.ts";
import { throttle } from "@model-views/shared/runtime/throttle.ts";
import type { IngestDeps } from "./app.ts";
import type { IngestConfig } from "./config.ts";
import { createRefusalReport } from "./guards/refusal-report.ts";
import { proxyAdvice, untrustedForwarding } from "./guards/untrusted-proxy.ts";
import type { IngestMetrics } from "./metrics.ts";
import { suspectAdvice } from "./suspects/suspect-advice.ts";
import type { SuspectReason } from "./suspects/suspects.ts";

/** Milliseconds between log lines about refused views: while Redis is away, a website that posts on must not fill the log. */
const LOG_REFUSED_MS = 1_000;
const LOG_REJECTED_MS = 60_000;

/** What ingest reports about requests: in metrics, in the log, and as warnings to the website's owner. */
export type Reports = Pick<
  IngestDeps,
  "onUntrusted" | "onIgnored" | "onUnknownField" | "onRefused" | "onRejected" | "onRefusal" | "onRequest"
> & { onSuspect: (reason: SuspectReason) => void };

export function createReports(
  config: IngestConfig,
  { metrics, logger, warnings }: { metrics: IngestMetrics; logger: Logger; warnings: OwnerWarnings },
): Reports {
  const forwardedBy = untrustedForwarding(config.TRUST_PROXY, config.CLIENT_ADDRESS_HEADER);
  const logRefused = throttle(LOG_REFUSED_MS, (error: unknown) =>
    logger.warn({ err: error }, "views are refused"),
  );
  const logRejected = throttle(LOG_REJECTED_MS, (first: object) =>
    logger.warn(first, "views of a batch are rejected"),
  );
  return {
    onUntrusted: (reason) => warnings.warn("untrusted-header", reason),
    onIgnored: (views) => metrics.ignored.inc({ reason: "address" }, views),
    onUnknownField: () => metrics.unknownField.inc(),
    onRefused(error, views) {
      metrics.refused.inc(views);
      logRefused(error);
    },
    onRejected(views, first) {
      metrics.rejectedInBatch.inc(views);
      logRejected({ views, ...first });
    },
    onRefusal: createRefusalReport({ metrics, logger, warnings }),
    onRequest(request: IncomingMessage) {
      const header = forwardedBy(request);
      if (header === undefined) return;
      warnings.warn("untrusted-proxy", proxyAdvice(header, request.socket.remoteAddress));
    },
    onSuspect(reason) {
      metrics.suspect.inc({ reason });
      warnings.warn(reason, suspectAdvice(reason));
    },
  };
}

/** Warns once, at the start, of a `TRUST_PROXY` that clients can abuse. */
export function reportTrust(config: IngestConfig, logger: Logger): void {
  const advice = trustAdvice(config.TRUST_PROXY, listenHost(config));
  if (advice !== undefined) logger.warn({ kind: "trust-by-count" }, advice);
}
