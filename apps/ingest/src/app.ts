import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { notFound, problemHandler } from "@model-views/shared/express-problems.ts";
import { healthRoutes, type ReadinessCheck } from "@model-views/shared/health.ts";
import type { Logger } from "@model-views/shared/logger.ts";
import { problem, sendProblem } from "@model-views/shared/problems.ts";
import express from "express";
import helmet from "helmet";
import type { Registry } from "prom-client";
import { createGate, type GateDeps, preflight } from "./gate/gate.ts";
import { getPixel } from "./get-pixel.ts";
import { getTracker } from "./get-tracker.ts";
import { postBatch } from "./post-batch.ts";
import { type AcceptViewDeps, postView } from "./post-view.ts";
import { createTakeView, type TakeViewDeps } from "./take-view.ts";

export type IngestDeps = GateDeps &
  TakeViewDeps &
  Pick<AcceptViewDeps, "accept" | "onRefused" | "onIgnored"> & {
    logger: Logger;
    metrics: Registry;
    readiness: Record<string, ReadinessCheck>;
  };

/** Builds the HTTP listener. Opens nothing, listens to nothing, reads no environment. */
export function createIngest(deps: IngestDeps): RequestListener {
  const { logger, metrics, readiness } = deps;
  const accepting = { ...deps, gate: createGate(deps), takeView: createTakeView(deps) };
  const handleView = postView(accepting);
  const app = express();
  app.disable("x-powered-by");
  app.set("query parser", "simple");
  app.use(helmet());
  app.use(healthRoutes(readiness, metrics));
  app.get("/tracker.js", getTracker());
  app.get("/v1/pixel.gif", getPixel(accepting));
  // Where Express finds the route and the fast path below does not: with a slash at the end, say.
  app.post("/v1/views", handleView);
  app.post("/v1/views/batch", postBatch(accepting));
  app.options(["/v1/views", "/v1/views/batch"], preflight(deps.judgeOrigin));
  app.all(["/v1/views", "/v1/views/batch"], (request, response) => {
    response.set("Allow", "POST, OPTIONS");
    sendProblem(response, problem("method-not-allowed", 405, `Use POST instead of ${request.method}`));
  });
  app.use(notFound());
  app.use(problemHandler(logger));

  return (request, response) => {
    if (!isPostOfView(request)) return app(request, response);
    handleView(request, response).catch((error: unknown) => failed(error, response));
  };

  function failed(error: unknown, response: ServerResponse): void {
    logger.error({ err: error }, "request failed");
    sendProblem(response, problem("internal-error", 500, "The request failed; the log says why"));
  }
}

function isPostOfView({ method, url }: IncomingMessage): boolean {
  return method === "POST" && url !== undefined && (url === "/v1/views" || url.startsWith("/v1/views?"));
}
