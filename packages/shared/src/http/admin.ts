import type { Server } from "node:http";
import express, { type Express } from "express";
import type { Registry } from "prom-client";
import { problem, sendProblem } from "../contracts/problems.ts";
import type { Logger } from "../runtime/logger.ts";
import { sharedFor } from "../runtime/shared-for.ts";
import { isLoopbackAddress, isLoopbackHost } from "./credentials.ts";
import { notFound, problemHandler } from "./express-problems.ts";
import { detailedHealthRoutes, type Readiness } from "./health.ts";
import { listen } from "./http-server.ts";

/** Milliseconds for which everyone who asks for the metrics is given the same text. */
const SHARED_MS = 1_000;

export type AdminDeps = { readiness: () => Promise<Readiness>; metrics: Registry; logger: Logger };

/**
 * What operators ask of a service, on a port of its own that the public does not reach: `GET /livez`, `/readyz` with every
 * reason and warning, and `/metrics` for Prometheus. Answers are shared for a second.
 *
 * A request from this machine must name this machine in `Host`: else a page in a browser here could read it, by a name of
 * its own that it has pointed to 127.0.0.1.
 */
export function createAdminApp({ readiness, metrics, logger }: AdminDeps): Express {
  const app = express();
  const text = sharedFor(SHARED_MS, () => metrics.metrics());
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
  app.use(notFound());
  app.use(problemHandler(logger));
  return app;
}

/**
 * Listens for operators.
 *
 * @throws {ConfigError} when the port is taken, or the address is not one of this machine's.
 */
export function openAdmin(
  deps: AdminDeps,
  where: { host: string; port: number; setting: string },
): Promise<Server> {
  return listen(createAdminApp(deps), where);
}
