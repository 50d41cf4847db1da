import { resolve } from "node:path";
import type { ViewEvent } from "@model-views/shared/contracts/view-event.ts";
import { BATCH_VIEWS_MAX } from "@model-views/shared/contracts/views.ts";
import { openAdmin } from "@model-views/shared/http/admin.ts";
import { createApiKeyCheck } from "@model-views/shared/http/api-keys.ts";
import { clientAddressBehind, trustAdvice } from "@model-views/shared/http/client-address.ts";
import { createReadiness } from "@model-views/shared/http/health.ts";
import { closeServer, listen, portOf } from "@model-views/shared/http/http-server.ts";
import { createRateLimit } from "@model-views/shared/http/rate-limit.ts";
import { openViewsQueue } from "@model-views/shared/queue/enqueue.ts";
import { connectFailingFast, settled } from "@model-views/shared/queue/redis.ts";
import { redisTime } from "@model-views/shared/queue/redis-clock.ts";
import { createBatcher } from "@model-views/shared/runtime/batcher.ts";
import { watchClocks } from "@model-views/shared/runtime/clock-watch.ts";
import { listenHost, parseConfig } from "@model-views/shared/runtime/config.ts";
import { endOnUncaught } from "@model-views/shared/runtime/end-on-uncaught.ts";
import { closeOnSignal, SHUTDOWN_DEADLINE_MS } from "@model-views/shared/runtime/lifecycle.ts";
import { createLogger } from "@model-views/shared/runtime/logger.ts";
import { createHttpMetrics, createMetrics, showClocks } from "@model-views/shared/runtime/metrics.ts";
import { createOwnerWarnings } from "@model-views/shared/runtime/owner-warnings.ts";
import { runCommand } from "@model-views/shared/runtime/run-command.ts";
import { throttle } from "@model-views/shared/runtime/throttle.ts";
import { createIngest } from "./app.ts";
import { ingestConfigSchema } from "./config.ts";
import { openCountries } from "./enrichment/country.ts";
import { createEnricher } from "./enrichment/enrichment.ts";
import { createOwnHosts } from "./enrichment/own-hosts.ts";
import { openReferrerSpam } from "./enrichment/referrer-spam.ts";
import { checkOrigin } from "./guards/check-origin.ts";
import { createRefusalReport } from "./guards/refusal-report.ts";
import { proxyAdvice, untrustedForwarding } from "./guards/untrusted-proxy.ts";
import { createIngestMetrics } from "./metrics.ts";
import { loadScript } from "./routes/get-script.ts";
import { openDurable } from "./spool/open-durable.ts";
import { suspectAdvice } from "./suspects/suspect-advice.ts";
import { createSuspects } from "./suspects/suspects.ts";
import { createEnrichView } from "./view/enrich-view.ts";
import { openDailySalts } from "./viewer/daily-salts.ts";
import { createViewers } from "./viewer/viewers.ts";

const help = `
npm run ingest

Takes views over HTTP and puts them on the queue. Configured by the environment alone:
REDIS_URL and VIEWER_ID_SALT are needed, .env.example explains these and the others.
Ends on SIGTERM or SIGINT, when all that it accepted is on the queue.`;

/** A website that posts on while Redis is away must not fill the log. */
const LOG_REFUSED_MS = 1_000;
const LOG_REJECTED_MS = 60_000;

await runCommand({
  help,
  async main() {
    const config = parseConfig(ingestConfigSchema, process.env);
    const logger = createLogger({ service: "ingest", level: config.LOG_LEVEL });
    endOnUncaught(logger);
    const isDevelopment = config.NODE_ENV === "development";
    const registry = createMetrics();
    const redis = connectFailingFast(config.REDIS_URL, logger);
    // Otherwise the first views would find no connection yet, and be spooled.
    await settled(redis);
    const salts = openDailySalts({
      redis,
      now: () => new Date(),
      onError: (error) => logger.warn({ err: error }, "cannot agree upon the day's salt"),
    });
    await salts.start();
    const clocks = watchClocks({
      clocks: { Redis: () => redisTime(redis) },
      now: () => new Date(),
      onWrong: (warning) => logger.error(warning),
    });
    showClocks(clocks, [registry]);
    const queue = openViewsQueue(redis);
    const durable = openDurable({
      enqueue: queue.enqueue,
      redis,
      folder: resolve(config.DATA_DIR, "spool"),
      bytesMax: config.SPOOL_BYTES_MAX,
      logger,
      onDoubted: (batches) => metrics.doubted.inc(batches),
    });
    const metrics = createIngestMetrics([registry], durable);
    const batcher = createBatcher<ViewEvent[]>({
      async write(groups, waitedMs) {
        const views = groups.flat();
        const to = await durable.accept(views, waitedMs);
        metrics.batchViews.observe(views.length);
        metrics.accepted.inc({ to }, views.length);
      },
      weigh: (views) => views.length,
      weightMax: BATCH_VIEWS_MAX,
      inFlightMax: 1,
      weightWaitingMax: config.VIEWS_WAITING_MAX,
    });
    const paths = { script: config.SCRIPT_PATH, views: config.VIEWS_PATH };
    const script = loadScript(paths);
    const warnings = createOwnerWarnings({
      log: (detail, kind) => logger.warn({ kind }, detail),
    });
    const host = listenHost(config);
    const adviceOnTrust = trustAdvice(config.TRUST_PROXY, host);
    if (adviceOnTrust !== undefined) logger.warn({ kind: "trust-by-count" }, adviceOnTrust);
    const forwardedBy = untrustedForwarding(config.TRUST_PROXY, config.CLIENT_ADDRESS_HEADER);
    const { onUnreadable, onUnread, onForgotten } = createHttpMetrics([registry]);
    const rateLimit = createRateLimit(config.RATE_LIMIT_PER_MINUTE, { onForgotten });
    const readiness = createReadiness({ durable: durable.readiness }, () => [
      ...warnings.current(),
      ...clocks.warnings(),
      ...durable.warnings(),
    ]);
    const isSuspect = createSuspects(
      {
        viewersPerAddress: config.SUSPECT_VIEWERS_PER_ADDRESS,
        viewsPerAddressAndModel: config.SUSPECT_VIEWS_PER_ADDRESS_AND_MODEL,
        viewsPerToken: config.SUSPECT_VIEWS_PER_TOKEN,
      },
      {
        onSuspect(reason) {
          metrics.suspect.inc({ reason });
          warnings.warn(reason, suspectAdvice(reason));
        },
      },
    );
    const logRefused = throttle(LOG_REFUSED_MS, (error: unknown) =>
      logger.warn({ err: error }, "views are refused"),
    );
    const onRefusal = createRefusalReport({ metrics, logger, warnings });
    const logRejected = throttle(LOG_REJECTED_MS, (first: object) =>
      logger.warn(first, "views of a batch are rejected"),
    );
    const server = await listen(
      createIngest({
        accept: batcher.add,
        hasServerKey: createApiKeyCheck(config.SERVER_KEYS, { isDevelopment }),
        clientAddress: clientAddressBehind(config.TRUST_PROXY, config.CLIENT_ADDRESS_HEADER),
        onUntrusted: (reason) => warnings.warn("untrusted-header", reason),
        checkOrigin: checkOrigin(config.ALLOWED_ORIGINS, { isDevelopment }),
        rateLimit,
        pageTokenSecrets: config.PAGE_TOKEN_SECRETS,
        ownHosts: createOwnHosts(config.ALLOWED_ORIGINS),
        isIgnored: config.IGNORE_ADDRESSES,
        isSuspect,
        enrichView: createEnrichView(
          { storeIp: config.STORE_IP, storeUserAgent: config.STORE_USER_AGENT },
          createEnricher({
            countryOf: config.COUNTRY_DATABASE ?? openCountries(),
            isSpamReferrer: openReferrerSpam(config.SPAM_REFERRERS),
          }),
        ),
        viewers: createViewers(
          {
            mode: config.VIEWER_MODE,
            salt: config.VIEWER_ID_SALT,
            isSecure: !isDevelopment,
            isCrossSite: config.CROSS_SITE_COOKIE,
            honourPrivacySignals: config.HONOUR_PRIVACY_SIGNALS,
          },
          salts,
        ),
        onIgnored: (views) => metrics.ignored.inc({ reason: "address" }, views),
        onRefused(error, views) {
          metrics.refused.inc(views);
          logRefused(error);
        },
        onRejected(views, first) {
          metrics.rejectedInBatch.inc(views);
          logRejected({ views, ...first });
        },
        onRefusal,
        onRequest(request) {
          const header = forwardedBy(request);
          if (header === undefined) return;
          warnings.warn("untrusted-proxy", proxyAdvice(header, request.socket.remoteAddress));
        },
        now: () => new Date(),
        logger,
        paths,
        script,
        readiness,
      }),
      {
        host,
        port: config.INGEST_PORT,
        setting: "INGEST_PORT",
        onUnread,
        onUnreadable(status) {
          onUnreadable(status);
          onRefusal({ status, reason: "unreadable", detail: "The request took too long, or is not HTTP" });
        },
      },
    );
    const admin = await openAdmin(
      { readiness, metrics: registry, logger },
      { host: config.ADMIN_HOST, port: config.INGEST_ADMIN_PORT, setting: "INGEST_ADMIN_PORT" },
    );

    closeOnSignal(
      [
        ["http", () => closeServer(server)],
        ["batcher", () => batcher.drain()],
        ["salts", () => [salts.stop(), clocks.stop()]],
        ["spool", () => durable.stop()],
        ["admin", () => closeServer(admin)],
        ["queue", () => queue.close()],
        ["redis", () => redis.disconnect()],
      ],
      { logger, deadlineMs: SHUTDOWN_DEADLINE_MS },
    );
    // Last, because whoever reads this may ask it to stop.
    const { pinnedPath, integrity } = script;
    const ports = { port: portOf(server), adminPort: portOf(admin) };
    logger.info({ ...ports, script: paths.script, pinnedPath, integrity }, "listening");
  },
});
