import { notFound, problemHandler } from "@model-views/shared/express-problems.ts";
import { healthRoutes, type ReadinessCheck } from "@model-views/shared/health.ts";
import type { Logger } from "@model-views/shared/logger.ts";
import express, { type Express } from "express";
import type { Registry } from "prom-client";

export type WorkerAppDeps = {
  logger: Logger;
  metrics: Registry;
  readiness: Record<string, ReadinessCheck>;
  /** What the owner should know although it works. */
  warnings: () => string[];
};

/** What operators ask the worker over HTTP. Opens nothing, listens to nothing, reads no environment. */
export function createWorkerApp({ logger, metrics, readiness, warnings }: WorkerAppDeps): Express {
  const app = express();
  app.disable("x-powered-by");
  app.use(healthRoutes(readiness, metrics, warnings));
  app.use(notFound());
  app.use(problemHandler(logger));
  return app;
}
