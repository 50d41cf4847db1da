import type { Db } from "@model-views/db/postgres/connect.ts";
import { asking } from "@model-views/db/postgres/sql.ts";
import { inTransaction } from "@model-views/db/postgres/transaction.ts";
import { siteInfo } from "@model-views/db/reporting-zone/site-info.ts";
import { liveDetails } from "@model-views/db/stats/live-details.ts";
import { liveStats } from "@model-views/db/stats/live-stats.ts";
import type { HasApiKey } from "@model-views/shared/http/api-keys.ts";
import { notFound, problemHandler } from "@model-views/shared/http/express-problems.ts";
import type { Readiness } from "@model-views/shared/http/health.ts";
import { type Refusal, watchRefusal } from "@model-views/shared/http/refusals.ts";
import { cachedFor } from "@model-views/shared/runtime/cached-for.ts";
import type { Logger } from "@model-views/shared/runtime/logger.ts";
import { throttle } from "@model-views/shared/runtime/throttle.ts";
import express, { type Express } from "express";
import helmet from "helmet";
import type { Redis } from "ioredis";
import type { Registry } from "prom-client";
import { type CacheStore, createAnswerCache } from "./cache/answer-cache.ts";
import { type Answers, createAnswers } from "./cache/answers.ts";
import { createLimits, type RunningMax } from "./cache/limits.ts";
import { ignoreReadersWhoLeft } from "./cache/reader.ts";
import { type AuditDeps, createAudit } from "./guards/audit.ts";
import { cors } from "./guards/cors.ts";
import { checkOnce, createCredentialsOf } from "./guards/credentials.ts";
import { createKeyUses, type KeyUsesDeps } from "./guards/key-uses.ts";
import { type LimitKeylessDeps, limitKeyless } from "./guards/limit-keyless.ts";
import { createReader, type ReaderDeps } from "./guards/reader.ts";
import { createRequireKey, requireKeyByMethod } from "./guards/require-key.ts";
import { createSessionCookie, guardSession } from "./guards/session-cookie.ts";
import type { SessionsAt } from "./guards/sessions.ts";
import { createWrongKeyLimit } from "./guards/wrong-key-limit.ts";
import { dashboard } from "./http/dashboard.ts";
import { answerTag, revalidateByKey } from "./http/etag.ts";
import { createInPeriod } from "./http/in-period.ts";
import { createLiveFeed } from "./http/live-feed.ts";
import { LIVE_DETAILS, LIVE_FIGURES } from "./http/live-feeds.ts";
import { asUnavailable } from "./http/problems.ts";
import { mountRoutes } from "./http/route.ts";
import { createViewsQueue } from "./http/views-queue.ts";
import { createStatsMetrics, type StatsMetrics } from "./metrics.ts";
import { documentText } from "./openapi/document.ts";
import { routeGroups } from "./routes/all.ts";
import type { RouteDeps } from "./routes/deps.ts";
import { docsPage } from "./routes/docs.ts";
import { answerPipeline } from "./routes/pipeline.ts";

/** Milliseconds for which the time zone and the first day of the site are not asked for again. */
const SITE_MS = 2_000;

/** Of what happens now: views of the last half hour are few, also where there are many. */
const SNAPSHOT = { statementTimeoutMs: 5_000, mode: "isolation level repeatable read read only" } as const;

/** While the same error repeats, one line is logged in this time. */
const LOG_MS = 10_000;

export type StatsApiDeps = Pick<LimitKeylessDeps, "clientAddress" | "rateLimit" | "onWrongKey"> & {
  /** For questions: it need not be able to write. */
  db: Db;
  /** For what admins change, and for exports, which use a connection for a long time: a separate pool. */
  adminDb: Db;
  mayRead: HasApiKey;
  mayChange: HasApiKey;
  /** The Redis of the queue, for what operators see; undefined: it is not known. */
  queueRedis: Redis | undefined;
  /** The name of a request's key; undefined without one. */
  keyName: ReaderDeps["keyName"];
  /** The names of all keys. */
  keys: KeyUsesDeps["keys"];
  /** Sessions of the keys, by a clock. */
  sessionsAt: SessionsAt;
  /** Milliseconds for which the pipeline is not looked at again: every open page asks. */
  pipelineMs: number;
  /** The folder of the built dashboard; undefined: this service has none. */
  dashboardFolder: string | undefined;
  /** Other origins whose pages may ask. */
  allowedOrigins: readonly string[];
  /** Called for each request that is answered with a problem. */
  onRefusal: (refusal: Refusal) => void;
  readiness: () => Promise<Readiness>;
  /** The name of an admin's key. */
  adminName: AuditDeps["adminName"];
  /**
   * Questions that are answered at the same time. `connections`: as many as `db` has connections; `views`, those that read
   * the views: fewer.
   */
  questionsMax: RunningMax;
  /** Where answers about periods are cached, and for how many milliseconds they are fresh; undefined: nowhere. */
  cache: { store: CacheStore; freshMs: number } | undefined;
  now: () => Date;
  /** The time of an erasure: the latest of all clocks. */
  erasureTime: () => Promise<Date>;
  logger: Logger;
  metrics: Registry;
};

/** Builds the HTTP app. Opens nothing, listens to nothing, reads no environment. */
export function createStatsApi(deps: StatsApiDeps): Express {
  const { db, adminDb, logger } = deps;
  const metrics = createStatsMetrics([deps.metrics], { questions: db.$client, admin: adminDb.$client });
  const [mayRead, mayChange] = [checkOnce(deps.mayRead), checkOnce(deps.mayChange)];
  const origins = new Set(deps.allowedOrigins);
  const sessions = deps.sessionsAt(() => deps.now().getTime());
  const sessionCookie = createSessionCookie(sessions);
  const credentialsOf = createCredentialsOf(origins, sessionCookie);
  const keyUses = createKeyUses(deps);
  const requireKey = createRequireKey({ credentialsOf, mayRead, mayChange, onUse: keyUses.note });
  const onWrongKey = () => {
    metrics.onWrongKey();
    deps.onWrongKey();
  };
  const canSignIn = deps.keys.length > 0;
  const reader = createReader({ credentialsOf, mayRead, mayChange, keyName: deps.keyName, canSignIn });
  const app = express();
  app.disable("x-powered-by");
  app.set("query parser", "simple");
  app.set("etag", answerTag);
  app.use((_request, response, next) => {
    watchRefusal(response, (refusal) => {
      metrics.onRefusal(refusal);
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
      onWrongKey,
    }),
  );
  // TLS ends in the proxy, and this header applies to the whole host: the proxy has to set it.
  app.use(helmet({ strictTransportSecurity: false }));
  app.use(docsPage());
  app.use(dashboard(deps.dashboardFolder));
  // Below /v1 alone: a cookie must not go out with a file that caches may keep for everyone.
  app.use("/v1", guardSession(sessionCookie, sessions));
  app.use("/v1", revalidateByKey());
  mountRoutes(
    app,
    routeGroups.flatMap(({ routes }) => routes),
    {
      deps: {
        ...routeDeps(deps, metrics),
        reader,
        keyUses,
        sessions,
        sessionCookie,
        sessionEnd(request) {
          const session = sessionCookie.read(request);
          return session && session.endsAt - deps.now().getTime();
        },
        wrongKeyLimit: createWrongKeyLimit(),
        onWrongKey,
      },
      guards: { requireKey, audit: createAudit({ ...deps, credentialsOf }) },
    },
  );
  app.use("/v1", requireKeyByMethod(requireKey));
  app.use(notFound());
  app.use(ignoreReadersWhoLeft());
  app.use(problemHandler(logger, asUnavailable));
  return app;
}

type SessionDeps = Pick<
  RouteDeps,
  "sessionEnd" | "keyUses" | "reader" | "sessions" | "sessionCookie" | "wrongKeyLimit" | "onWrongKey"
>;

function routeDeps(deps: StatsApiDeps, metrics: StatsMetrics): Omit<RouteDeps, keyof SessionDeps> {
  const { db, now, logger } = deps;
  const onLiveError = throttle(LOG_MS, (error: unknown) =>
    logger.warn({ err: error }, "the live stats cannot be read"),
  );
  const onPartFailed = throttle(LOG_MS, (error: unknown) =>
    logger.warn({ err: error }, "parts of an answer cannot be answered now"),
  );
  return {
    ...deps,
    viewsQueue: deps.queueRedis && createViewsQueue(deps.queueRedis),
    answers: answersOf(deps, metrics),
    inPeriod: createInPeriod(db),
    pipeline: cachedFor(deps.pipelineMs, () => answerPipeline({ ...deps, onPartFailed })),
    siteInfo: cachedFor(SITE_MS, () => siteInfo(asking(db.$client))),
    liveFeed: createLiveFeed({
      ...LIVE_FIGURES,
      look: () => liveStats(db.$client, now()),
      onError: onLiveError,
    }),
    liveDetailsFeed: createLiveFeed({
      ...LIVE_DETAILS,
      look: () => inTransaction(db.$client, SNAPSHOT, (ask) => liveDetails(ask, now())),
      onError: onLiveError,
    }),
    onPartFailed,
    document: documentText(routeGroups),
  };
}

function answersOf({ cache, questionsMax, now, logger }: StatsApiDeps, metrics: StatsMetrics): Answers {
  const warn = (message: string) =>
    throttle(LOG_MS, (error: unknown) => logger.warn({ err: error }, message));
  return createAnswers({
    cache: cache && createAnswerCache({ ...cache, ...metrics, now, onError: warn("answers are not cached") }),
    limits: createLimits(questionsMax, metrics.eventsOf),
    now,
    onShared: metrics.onShared,
    onError: warn(
      "a question without a reader failed: a cached answer is not renewed, or its readers have left",
    ),
  });
}
