import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { problem, sendProblem } from "@model-views/shared/contracts/problems.ts";
import { notFound, problemHandler } from "@model-views/shared/http/express-problems.ts";
import { healthRoutes, type Readiness } from "@model-views/shared/http/health.ts";
import { type Refusal, watchRefusal } from "@model-views/shared/http/refusals.ts";
import type { Logger } from "@model-views/shared/runtime/logger.ts";
import express from "express";
import helmet from "helmet";
import { createRequestGuard, preflight, type RequestGuardDeps } from "./guards/request-guard.ts";
import { getPixel } from "./routes/get-pixel.ts";
import { type Script, scriptRoutes } from "./routes/get-script.ts";
import { type PostBatchDeps, postBatch } from "./routes/post-batch.ts";
import { type AcceptViewDeps, postView } from "./routes/post-view.ts";
import { DEFAULT_PATHS, type PublicPaths } from "./routes/public-paths.ts";
import { createMakeView, type MakeViewDeps } from "./view/make-view.ts";

/** Where older pages get the pixel, with `?modelId=`. */
const FORMER_PIXEL_PATH = "/v1/pixel.gif";

export type IngestDeps = RequestGuardDeps &
  MakeViewDeps &
  Pick<AcceptViewDeps, "accept" | "onRefused" | "onIgnored" | "onUnknownField"> &
  Pick<PostBatchDeps, "onRejected"> & {
    logger: Logger;
    readiness: () => Promise<Readiness>;
    paths: PublicPaths;
    script: Script;
    /** Called with each request before anything else; it must not change it. */
    onRequest: (request: IncomingMessage) => void;
    /** Called for each request that is answered with a problem. */
    onRefusal: (refusal: Refusal) => void;
  };

/** Builds the HTTP listener. Opens nothing, listens to nothing, reads no environment. */
export function createIngest(deps: IngestDeps): RequestListener {
  const { logger, readiness, paths, script, onRequest, onRefusal } = deps;
  const accepting = { ...deps, guard: createRequestGuard(deps), makeView: createMakeView(deps) };
  const handleView = postView(accepting);
  // The default paths stay when others are configured, so that pages made before still count.
  const viewsPaths = [...new Set([DEFAULT_PATHS.views, paths.views])];
  const postPaths = viewsPaths.flatMap((path) => [path, `${path}/batch`]);
  const app = express();
  app.disable("x-powered-by");
  app.set("query parser", "simple");
  // TLS ends in the proxy, and this header applies to the whole host: the proxy has to set it.
  app.use(helmet({ strictTransportSecurity: false }));
  app.use(healthRoutes(readiness));
  app.use(scriptRoutes(paths, script));
  app.get([...viewsPaths.map((path) => `${path}/:modelId.gif`), FORMER_PIXEL_PATH], getPixel(accepting));
  // For spellings that Express routes and the fast path below does not, such as a trailing slash.
  app.post(viewsPaths, handleView);
  app.post(
    viewsPaths.map((path) => `${path}/batch`),
    postBatch(accepting),
  );
  app.options(postPaths, preflight(deps.checkOrigin));
  app.all(postPaths, (request, response) => {
    response.set("Allow", "POST, OPTIONS");
    sendProblem(response, problem("method-not-allowed", 405, `Use POST instead of ${request.method}`));
  });
  app.use(notFound());
  app.use(problemHandler(logger));

  return (request, response) => {
    watchRefusal(response, onRefusal);
    onRequest(request);
    if (!isPostOfView(request, viewsPaths)) return app(request, response);
    handleView(request, response).catch((error: unknown) => failed(error, response));
  };

  function failed(error: unknown, response: ServerResponse): void {
    logger.error({ err: error }, "request failed");
    sendProblem(response, problem("internal-error", 500, "The request failed; the log says why"));
  }
}

function isPostOfView({ method, url = "" }: IncomingMessage, viewsPaths: readonly string[]): boolean {
  return method === "POST" && viewsPaths.some((path) => url === path || url.startsWith(`${path}?`));
}
