import type { Db } from "@model-views/db/postgres/connect.ts";
import { liveStats } from "@model-views/db/stats/live-stats.ts";
import type { HasApiKey } from "@model-views/shared/http/api-keys.ts";
import { notFound, problemHandler } from "@model-views/shared/http/express-problems.ts";
import { healthRoutes, type Readiness } from "@model-views/shared/http/health.ts";
import { type Refusal, watchRefusal } from "@model-views/shared/http/refusals.ts";
import type { Logger } from "@model-views/shared/runtime/logger.ts";
import { throttle } from "@model-views/shared/runtime/throttle.ts";
import express, { type Express, type RequestHandler } from "express";
import helmet from "helmet";
import type { Registry } from "prom-client";
import { type CacheStore, createAnswerCache } from "./cache/answer-cache.ts";
import { type Answers, createAnswers } from "./cache/answers.ts";
import { createConcurrencyLimit } from "./cache/concurrency-limit.ts";
import { type AuditDeps, auditAdmins } from "./guards/audit.ts";
import { cors } from "./guards/cors.ts";
import { checkOnce, createCredentialsOf } from "./guards/credentials.ts";
import { type LimitKeylessDeps, limitKeyless } from "./guards/limit-keyless.ts";
import { requireAdminKey, requireKey } from "./guards/require-key.ts";
import { asUnavailable } from "./http/database-problem.ts";
import { answerTag } from "./http/etag.ts";
import { createInPeriod } from "./http/in-period.ts";
import { createStatsMetrics, type StatsMetrics } from "./metrics.ts";
import { docsRoutes } from "./openapi/docs-routes.ts";
import { createLive } from "./routes/live.ts";
import { liveRoute } from "./routes/live-route.ts";
import { modelRoutes } from "./routes/model-routes.ts";
import { modelViewersRoute } from "./routes/model-viewers-route.ts";
import { periodRoutes } from "./routes/period-routes.ts";
import { statsRoutes } from "./routes/stats-routes.ts";
import { viewerRoutes } from "./routes/viewer-routes.ts";

/** One line in this time while the same goes wrong again and again. */
const LOG_MS = 10_000;

export type StatsApiDeps = Pick<LimitKeylessDeps, "clientAddress" | "rateLimit" | "onWrongKey"> & {
  /** For questions: it need not be able to write. */
  db: Db;
  /** For what admins change, and for exports, which keep a connection for long: a pool of its own. */
  adminDb: Db;
  mayRead: HasApiKey;
  mayChange: HasApiKey;
  /** Origins whose pages may ask from elsewhere. */
  allowedOrigins: readonly string[];
  /** Called for each request that is answered with a problem. */
  onRefusal: (refusal: Refusal) => void;
  readiness: () => Promise<Readiness>;
  /** What the key of an admin is called. */
  adminName: AuditDeps["adminName"];
  /** Questions that read the views which are answered at the same time: fewer than there are connections. */
  periodQuestionsMax: number;
  /** Where answers about periods are kept, and for how many milliseconds they are fresh; undefined: nowhere. */
  cache: { store: CacheStore; freshMs: number } | undefined;
  now: () => Date;
  /** The time of an erasure: the latest of the clocks that there are. */
  erasureTime: () => Promise<Date>;
  logger: Logger;
  metrics: Registry;
};

/** Builds the HTTP app. Opens nothing, listens to nothing, reads no environment. */
export function createStatsApi(deps: StatsApiDeps): Express {
  const { db, adminDb, periodQuestionsMax, readiness, now, logger } = deps;
  const [mayRead, mayChange] = [checkOnce(deps.mayRead), checkOnce(deps.mayChange)];
  const counted = createStatsMetrics([deps.metrics], { questions: db.$client, admin: adminDb.$client });
  const app = express();
  const limitConcurrency = createConcurrencyLimit(periodQuestionsMax);
  const inPeriod = createInPeriod(db, limitConcurrency);
  const answers = answersOf(deps, counted);
  const origins = new Set(deps.allowedOrigins);
  const credentialsOf = createCredentialsOf(origins);
  const live = createLive({
    look: () => liveStats(db.$client, now()),
    onError: throttle(LOG_MS, (error: unknown) => logger.warn({ err: error }, "cannot tell what is live")),
  });
  app.disable("x-powered-by");
  app.set("query parser", "simple");
  app.set("etag", answerTag);
  app.use((_request, response, next) => {
    watchRefusal(response, (refusal) => {
      counted.onRefusal(refusal);
      deps.onRefusal(refusal);
    });
    next();
  });
  app.use(cors(origins));
  app.use(
    limitKeyless({
      ...deps,
      credentialsOf,
      hasAnyKey: (credentials) => mayRead(credentials) || mayChange(credentials),
      onWrongKey() {
        counted.onWrongKey();
        deps.onWrongKey();
      },
    }),
  );
  // TLS ends elsewhere, and this header is about the whole host: it is not ours to set.
  app.use(helmet({ strictTransportSecurity: false }));
  app.use(healthRoutes(readiness));
  app.use(docsRoutes());
  app.use("/v1", forTheReaderAlone());
  app.use("/v1/viewers", requireAdminKey({ credentialsOf, mayChange }));
  app.use("/v1", requireKey({ credentialsOf, mayRead, mayChange }));
  app.use("/v1", auditAdmins(deps));
  app.use("/v1", statsRoutes({ db, answers, inPeriod, limitConcurrency, now }));
  app.use("/v1", periodRoutes({ db, answers, inPeriod, now }));
  app.use("/v1", modelViewersRoute({ db, answers, inPeriod, now }));
  app.use("/v1", modelRoutes({ db, adminDb, answers, now }));
  app.use("/v1", viewerRoutes({ db: adminDb, now, erasureTime: deps.erasureTime }));
  app.use("/v1", liveRoute({ live }));
  app.use(notFound());
  app.use(problemHandler(logger, asUnavailable));
  return app;
}

function answersOf({ cache, now, logger }: StatsApiDeps, counted: StatsMetrics): Answers {
  const warn = (message: string) =>
    throttle(LOG_MS, (error: unknown) => logger.warn({ err: error }, message));
  return createAnswers({
    cache: cache && createAnswerCache({ ...cache, ...counted, now, onError: warn("answers are not kept") }),
    now,
    onShared: counted.onShared,
    onError: warn("a kept answer could not be renewed"),
  });
}

/**
 * Whoever keeps an answer keeps it for one key alone, and asks whether its figures are still the same. Who asks so with
 * `fetch` sends `no-cache` along without wanting to, which Express would take for a wish to have it all again.
 */
function forTheReaderAlone(): RequestHandler {
  return (request, response, next) => {
    response.vary("Authorization");
    if (request.method === "GET" || request.method === "HEAD") {
      response.setHeader("Cache-Control", "private, no-cache");
      delete request.headers["cache-control"];
    }
    next();
  };
}
