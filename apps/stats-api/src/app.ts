import type { Db } from "@model-views/db/connect.ts";
import { liveFigures } from "@model-views/db/stats/live-figures.ts";
import { atMostEvery } from "@model-views/shared/at-most-every.ts";
import { notFound, problemHandler } from "@model-views/shared/express-problems.ts";
import { healthRoutes } from "@model-views/shared/health.ts";
import type { HasKey } from "@model-views/shared/keys.ts";
import type { Logger } from "@model-views/shared/logger.ts";
import express, { type Express } from "express";
import helmet from "helmet";
import type { Registry } from "prom-client";
import { asUnavailable } from "./database-problem.ts";
import { docsRoutes } from "./docs/docs-routes.ts";
import { createInPeriod } from "./in-period.ts";
import { createLive } from "./live.ts";
import { liveRoute } from "./live-route.ts";
import { modelRoutes } from "./model-routes.ts";
import { periodRoutes } from "./period-routes.ts";
import { requireAdminKey, requireKey } from "./require-key.ts";
import { statsRoutes } from "./stats-routes.ts";
import { viewerRoutes } from "./viewer-routes.ts";

/** One line in this time while those who listen cannot be told anything. */
const LOG_MS = 10_000;

export type StatsApiDeps = {
  db: Db;
  mayRead: HasKey;
  mayChange: HasKey;
  /** Questions about a period that are answered at the same time: fewer than there are connections. */
  periodQuestionsMax: number;
  now: () => Date;
  logger: Logger;
  metrics: Registry;
};

/** Builds the HTTP app. Opens nothing, listens to nothing, reads no environment. */
export function createStatsApi(deps: StatsApiDeps): Express {
  const { db, mayRead, mayChange, periodQuestionsMax, now, logger, metrics } = deps;
  const app = express();
  const inPeriod = createInPeriod(db, { questionsMax: periodQuestionsMax });
  const live = createLive({
    look: () => liveFigures(db.$client, now()),
    onError: atMostEvery(LOG_MS, (error: unknown) => logger.warn({ err: error }, "cannot tell what is live")),
  });
  app.disable("x-powered-by");
  app.set("query parser", "simple");
  app.use(helmet());
  app.use(healthRoutes({ postgres: () => answers(db) }, metrics));
  app.use(docsRoutes());
  app.use("/v1/viewers", requireAdminKey(mayChange));
  app.use("/v1", requireKey({ mayRead, mayChange }));
  app.use("/v1", statsRoutes({ db, inPeriod, now }));
  app.use("/v1", periodRoutes({ db, inPeriod, now }));
  app.use("/v1", modelRoutes({ db, now }));
  app.use("/v1", viewerRoutes({ db, now }));
  app.use("/v1", liveRoute({ live }));
  app.use(notFound());
  app.use(problemHandler(logger, asUnavailable));
  return app;
}

async function answers(db: Db): Promise<string> {
  await db.$client.query("select 1");
  return "ok";
}
