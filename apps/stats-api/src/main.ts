import { laterTime } from "@model-views/db/postgres/clocks.ts";
import { openAdmin } from "@model-views/shared/http/admin.ts";
import {
  createActorName,
  createApiKeyCheck,
  createKeyName,
  type NamedKey,
  namedKeys,
} from "@model-views/shared/http/api-keys.ts";
import { clientAddressBehind, trustAdvice } from "@model-views/shared/http/client-address.ts";
import { checkUntilReady, createReadiness, logFailing } from "@model-views/shared/http/health.ts";
import { closeServer, listen, portOf } from "@model-views/shared/http/http-server.ts";
import { createRateLimit } from "@model-views/shared/http/rate-limit.ts";
import { createRefusalLog } from "@model-views/shared/http/refusals.ts";
import { textsOf } from "@model-views/shared/queue/redis.ts";
import { publishStatus } from "@model-views/shared/queue/service-status.ts";
import { listenHost, parseConfig } from "@model-views/shared/runtime/config.ts";
import { watchLifecycle } from "@model-views/shared/runtime/lifecycle.ts";
import { createLogger } from "@model-views/shared/runtime/logger.ts";
import { createHttpMetrics, createMetrics } from "@model-views/shared/runtime/metrics.ts";
import { createOwnerWarnings } from "@model-views/shared/runtime/owner-warnings.ts";
import { runCommand } from "@model-views/shared/runtime/run-command.ts";
import manifest from "../package.json" with { type: "json" };
import { createStatsApi } from "./app.ts";
import { statsConfigSchema } from "./config.ts";
import { createSessions } from "./guards/sessions.ts";
import { openStores, refuseWrongUrls } from "./open-stores.ts";
import { publicSettings } from "./public-settings.ts";
import { statsReadiness } from "./routes/health.ts";

const help = `
npm run stats-api

Answers questions about views over HTTP. Configured only by the environment:
DATABASE_URL is needed, and outside development STATS_KEYS and ADMIN_KEYS; .env.example explains these and
the others. Ends on SIGTERM or SIGINT, after it has sent the answers under way.`;

/** Every open page of the dashboard asks for the pipeline every few seconds. */
const PIPELINE_MS = 2_000;

const WRONG_KEY =
  "Requests bring a key that is none of STATS_KEYS and ADMIN_KEYS: one of your readers may have an old key, or a stranger tries keys";

await runCommand({
  help,
  async main() {
    const config = parseConfig(statsConfigSchema, process.env);
    const logger = createLogger({ service: "stats-api", level: config.LOG_LEVEL });
    const lifecycle = watchLifecycle(logger);
    const isDevelopment = config.NODE_ENV === "development";
    const stores = openStores(config, logger);
    const { db, adminDb, redis, queueRedis } = stores;
    // An admin key may read too. Without stats keys reading needs none in development, and admin keys must not change that.
    const readers = namedKeys(config.STATS_KEYS);
    const admins = namedKeys(config.ADMIN_KEYS);
    const adminKeys = admins.map(({ key }) => key);
    const readingKeys = readers.length > 0 ? [...readers.map(({ key }) => key), ...adminKeys] : [];
    const host = listenHost(config);
    const adviceOnTrust = trustAdvice(config.TRUST_PROXY, host);
    if (adviceOnTrust !== undefined) logger.warn({ kind: "trust-by-count" }, adviceOnTrust);
    const now = () => new Date();
    const metrics = createMetrics();
    const { onUnreadable, onUnread, onForgotten } = createHttpMetrics([metrics]);
    const warnings = createOwnerWarnings({ log: (detail, kind) => logger.warn({ kind }, detail) });
    const readiness = createReadiness(statsReadiness({ db, adminDb }), warnings.current, logFailing(logger));
    const app = createStatsApi({
      db,
      adminDb,
      queueRedis,
      cache: redis && { store: textsOf(redis), freshMs: config.STATS_CACHE_SECONDS * 1_000 },
      mayRead: createApiKeyCheck(readingKeys, { isDevelopment }),
      mayChange: createApiKeyCheck(adminKeys, { isDevelopment }),
      adminName: createActorName(admins),
      keyName: createKeyName([...readers, ...admins]),
      keys: [...readers.map((key) => keyOf(key, "stats")), ...admins.map((key) => keyOf(key, "admin"))],
      sessionsAt: createSessions([...readers, ...admins].map(({ key }) => key)),
      pipelineMs: PIPELINE_MS,
      dashboardFolder: config.DASHBOARD_DIR,
      questionsMax: {
        connections: config.STATS_CONNECTIONS_MAX,
        // A quarter of the connections stays for readiness and what the rollups answer: at least one where there are several.
        views: Math.max(1, Math.floor(config.STATS_CONNECTIONS_MAX * 0.75)),
      },
      allowedOrigins: config.STATS_ALLOWED_ORIGINS,
      clientAddress: clientAddressBehind(config.TRUST_PROXY, config.CLIENT_ADDRESS_HEADER),
      rateLimit: createRateLimit(config.RATE_LIMIT_PER_MINUTE, { onForgotten }),
      onWrongKey: () => warnings.warn("wrong-key", WRONG_KEY),
      onRefusal: createRefusalLog({ logger }),
      readiness,
      now,
      erasureTime: () => laterTime(adminDb.$client, now),
      logger,
      metrics,
    });
    await refuseWrongUrls(config, stores);
    const stopChecking = checkUntilReady(readiness);
    const server = await listen(app, {
      host,
      port: config.STATS_PORT,
      setting: "STATS_PORT",
      onUnreadable,
      onUnread,
    });
    const admin = await openAdmin(
      { readiness, metrics, logger },
      { host: config.ADMIN_HOST, port: config.STATS_ADMIN_PORT, setting: "STATS_ADMIN_PORT" },
    );

    const stopStatus =
      queueRedis &&
      publishStatus({
        service: "stats-api",
        version: manifest.version,
        settings: publicSettings(config),
        counts: {},
        ...{ redis: queueRedis, readiness, registry: metrics, logger },
      });

    lifecycle.closeWith([
      ["status", () => stopStatus?.()],
      ["readiness", stopChecking],
      ["http", () => closeServer(server)],
      ["admin", () => closeServer(admin)],
      ["postgres", () => Promise.all([db.$client.end(), adminDb.$client.end()])],
      ["redis", () => [redis?.disconnect(), queueRedis?.disconnect()]],
    ]);
    // Last: after this line, a process that reads the log may ask this one to stop.
    logger.info({ port: portOf(server), adminPort: portOf(admin) }, "listening");
  },
});

/** A key for the list of keys and their uses. */
function keyOf({ name, key }: NamedKey, kind: "stats" | "admin") {
  return { name, kind, has: createApiKeyCheck([key], { isDevelopment: false }) };
}
