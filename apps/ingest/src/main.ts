import type { Server } from "node:http";
import { openAdmin } from "@model-views/shared/http/admin.ts";
import { createApiKeyCheck } from "@model-views/shared/http/api-keys.ts";
import { clientAddressBehind } from "@model-views/shared/http/client-address.ts";
import { createReadiness, logFailing, type Readiness } from "@model-views/shared/http/health.ts";
import { closeServer, listen, portOf } from "@model-views/shared/http/http-server.ts";
import { createRateLimit } from "@model-views/shared/http/rate-limit.ts";
import { publishStatus } from "@model-views/shared/queue/service-status.ts";
import { listenHost, parseConfig } from "@model-views/shared/runtime/config.ts";
import { watchLifecycle } from "@model-views/shared/runtime/lifecycle.ts";
import { createLogger, type Logger } from "@model-views/shared/runtime/logger.ts";
import { createHttpMetrics, createMetrics } from "@model-views/shared/runtime/metrics.ts";
import { createOwnerWarnings } from "@model-views/shared/runtime/owner-warnings.ts";
import { runCommand } from "@model-views/shared/runtime/run-command.ts";
import type { Registry } from "prom-client";
import manifest from "../package.json" with { type: "json" };
import { createIngest } from "./app.ts";
import { type IngestConfig, ingestConfigSchema } from "./config.ts";
import { openCountries } from "./enrichment/country.ts";
import { createEnricher } from "./enrichment/enricher.ts";
import { createOwnHosts } from "./enrichment/referrer.ts";
import { openReferrerSpam } from "./enrichment/referrer-spam.ts";
import { checkOrigin } from "./guards/check-origin.ts";
import { openStores, type Stores } from "./open-stores.ts";
import { publicSettings } from "./public-settings.ts";
import { createReports, type Reports, reportTrust } from "./reports.ts";
import { loadScript, type Script } from "./routes/get-script.ts";
import { createSuspects } from "./suspects/suspects.ts";
import { createEnrichView, type EnrichView } from "./view/enrich-view.ts";
import { createViewers } from "./viewer/viewers.ts";

const help = `
npm run ingest

Accepts views over HTTP and puts them on the queue. Configured by the environment alone:
REDIS_URL and VIEWER_ID_SALT are needed, .env.example explains these and the others.
Ends on SIGTERM or SIGINT, when all that it accepted is on the queue.`;

await runCommand({
  help,
  async main() {
    const config = parseConfig(ingestConfigSchema, process.env);
    const logger = createLogger({ service: "ingest", level: config.LOG_LEVEL });
    const lifecycle = watchLifecycle(logger);
    const registry = createMetrics();
    const stores = await openStores(config, { logger, registry });
    const { batcher, durable, salts, clocks, metrics, queue, redis } = stores;
    const warnings = createOwnerWarnings({ log: (detail, kind) => logger.warn({ kind }, detail) });
    const readiness = createReadiness(
      { durable: durable.readiness },
      () => [...warnings.current(), ...clocks.warnings(), ...durable.warnings()],
      logFailing(logger),
    );
    const reports = createReports(config, { metrics, logger, warnings });
    const script = loadScript(pathsOf(config));
    reportTrust(config, logger);

    const server = await listenForViews(config, { stores, reports, script, readiness, registry, logger });
    const admin = await openAdmin(
      { readiness, metrics: registry, logger },
      { host: config.ADMIN_HOST, port: config.INGEST_ADMIN_PORT, setting: "INGEST_ADMIN_PORT" },
    );

    const stopStatus = publishStatus({
      service: "ingest",
      version: manifest.version,
      settings: publicSettings(config),
      counts: {
        acceptedViews: "model_views_ingest_accepted_views_total",
        refusedViews: "model_views_ingest_refused_views_total",
        spooledBatches: "model_views_ingest_spool_batches",
      },
      ...{ redis, readiness, registry, logger },
    });

    lifecycle.closeWith([
      ["status", stopStatus],
      ["http", () => closeServer(server)],
      ["batcher", () => batcher.drain()],
      ["salts", () => [salts.stop(), clocks.stop()]],
      ["spool", () => durable.stop()],
      ["admin", () => closeServer(admin)],
      ["queue", () => queue.close()],
      ["redis", () => redis.disconnect()],
    ]);
    // Last, because a program that waits for this line may stop the service at once.
    const { pinnedPath, integrity } = script;
    const ports = { port: portOf(server), adminPort: portOf(admin) };
    logger.info({ ...ports, script: config.SCRIPT_PATH, pinnedPath, integrity }, "listening");
  },
});

type Parts = {
  stores: Stores;
  reports: Reports;
  script: Script;
  readiness: () => Promise<Readiness>;
  registry: Registry;
  logger: Logger;
};

/** Builds the app, and listens on the public port. */
function listenForViews(config: IngestConfig, parts: Parts): Promise<Server> {
  const { stores, reports, script, readiness, registry, logger } = parts;
  const { onSuspect, ...appReports } = reports;
  const isDevelopment = config.NODE_ENV === "development";
  const { onUnreadable, onUnread, onForgotten } = createHttpMetrics([registry]);
  const app = createIngest({
    ...appReports,
    accept: stores.batcher.add,
    hasServerKey: createApiKeyCheck(config.SERVER_KEYS, { isDevelopment }),
    clientAddress: clientAddressBehind(config.TRUST_PROXY, config.CLIENT_ADDRESS_HEADER),
    checkOrigin: checkOrigin(config.ALLOWED_ORIGINS, { isDevelopment }),
    rateLimit: createRateLimit(config.RATE_LIMIT_PER_MINUTE, { onForgotten }),
    pageTokenSecrets: config.PAGE_TOKEN_SECRETS,
    ownHosts: createOwnHosts(config.ALLOWED_ORIGINS),
    isIgnored: config.IGNORE_ADDRESSES,
    isSuspect: createSuspects(suspectLimits(config), { onSuspect }),
    enrichView: enrichViewBy(config),
    viewers: createViewers(viewerSettings(config), stores.salts),
    now: () => new Date(),
    logger,
    paths: pathsOf(config),
    script,
    readiness,
  });
  return listen(app, {
    host: listenHost(config),
    port: config.INGEST_PORT,
    setting: "INGEST_PORT",
    onUnread,
    onUnreadable(status) {
      onUnreadable(status);
      const detail = "The request took too long, or is not HTTP";
      reports.onRefusal({ status, reason: "unreadable", detail });
    },
  });
}

function pathsOf(config: IngestConfig) {
  return { script: config.SCRIPT_PATH, views: config.VIEWS_PATH };
}

function suspectLimits(config: IngestConfig) {
  return {
    viewersPerAddress: config.SUSPECT_VIEWERS_PER_ADDRESS,
    viewsPerAddressAndModel: config.SUSPECT_VIEWS_PER_ADDRESS_AND_MODEL,
    viewsPerToken: config.SUSPECT_VIEWS_PER_TOKEN,
  };
}

function viewerSettings(config: IngestConfig) {
  return {
    mode: config.VIEWER_MODE,
    salt: config.VIEWER_ID_SALT,
    isSecure: config.NODE_ENV !== "development",
    isCrossSite: config.CROSS_SITE_COOKIE,
    honourPrivacySignals: config.HONOUR_PRIVACY_SIGNALS,
  };
}

function enrichViewBy(config: IngestConfig): EnrichView {
  return createEnrichView(
    { storeIp: config.STORE_IP, storeUserAgent: config.STORE_USER_AGENT },
    createEnricher({
      countryOf: config.COUNTRY_DATABASE ?? openCountries(),
      isSpamReferrer: openReferrerSpam(config.SPAM_REFERRERS),
    }),
  );
}
