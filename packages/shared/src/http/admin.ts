import type { Server } from "node:http";
import express, { type Express, type Router } from "express";
import type { Registry } from "prom-client";
import { problem, sendProblem } from "../contracts/problems.ts";
import { cachedFor } from "../runtime/cached-for.ts";
import type { Logger } from "../runtime/logger.ts";
import { isLoopbackAddress, isLoopbackHost } from "./credentials.ts";
import { notFound, problemHandler } from "./express-problems.ts";
import { detailedHealthRoutes, type Readiness } from "./health.ts";
import { listen } from "./http-server.ts";
import { showReadiness } from "./readiness-metrics.ts";

/** Milliseconds for which the text of the metrics is cached. */
const SHARED_MS = 1_000;

export type AdminDeps = {
  readiness: () => Promise<Readiness>;
  metrics: Registry;
  logger: Logger;
  /** What a service has for operators besides. */
  more?: Router;
};

/**
 * For operators, on a separate port that the public cannot reach: `GET /livez`, `/readyz` with all reasons and warnings,
 * and `/metrics` for Prometheus. Answers are cached for a second.
 *
 * A request from this machine must name this machine in `Host`. Otherwise a page in a local browser could read the
 * answers, through a host name that its owner points to 127.0.0.1.
 */
export function createAdminApp({ readiness, metrics, logger, more }: AdminDeps): Express {
  const app = express();
  const text = cachedFor(SHARED_MS, () => metrics.metrics());
  showReadiness(readiness, [metrics]);
  app.disable("x-powered-by");
  app.use((request, response, next) => {
    const isFromHere = isLoopbackAddress(request.socket.remoteAddress);
    if (!isFromHere || isLoopbackHost(request.headers.host)) return next();
    sendProblem(response, problem("forbidden-host", 403, "From this machine, ask by 127.0.0.1 or localhost"));
  });
  app.use(detailedHealthRoutes(readiness));
  app.get("/metrics", async (_request, response) => {
    response.set("Content-Type", metrics.contentType).send(await text());
  });
  if (more !== undefined) app.use(more);
  app.use(notFound());
  app.use(problemHandler(logger));
  return app;
}

/**
 * Listens for operators' requests.
 *
 * @throws {ConfigError} when the port is taken, or the address is not one of this machine's.
 */
export function openAdmin(
  deps: AdminDeps,
  where: { host: string; port: number; setting: string },
): Promise<Server> {
  return listen(createAdminApp(deps), where);
}
