import type { ViewEvent } from "@model-views/shared/contracts/view-event.ts";
import { createApiKeyCheck } from "@model-views/shared/http/api-keys.ts";
import { clientAddressBehind, trustNone } from "@model-views/shared/http/client-address.ts";
import { createReadiness } from "@model-views/shared/http/health.ts";
import { closeServer, listen, portOf } from "@model-views/shared/http/http-server.ts";
import { createRateLimit } from "@model-views/shared/http/rate-limit.ts";
import { createLogger } from "@model-views/shared/runtime/logger.ts";
import { createIngest, type IngestDeps } from "../src/app.ts";
import { createOwnHosts } from "../src/enrichment/referrer.ts";
import { checkOrigin } from "../src/guards/check-origin.ts";
import { loadScript } from "../src/routes/get-script.ts";
import { DEFAULT_PATHS } from "../src/routes/public-paths.ts";
import { createEnrichView } from "../src/view/enrich-view.ts";
import { createViewers } from "../src/viewer/viewers.ts";

export const modelId = "0190aaaa-0000-7000-8000-000000000001";
export const now = new Date("2026-11-22T12:00:00.000Z");
export const salt = "a salt for tests, of 32 characters";
export const KEY = "a-key-for-the-tests";
export const SITE = "https://www.example.org";
export const noEnrichment = { enrich: () => ({}) };
export const viewerSettings = {
  mode: "cookie",
  salt,
  isSecure: true,
  isCrossSite: false,
  honourPrivacySignals: true,
} as const;
export const salts = { current: () => "the day's salt" };

export type RunningIngest = {
  url: string;
  port: number;
  /** The accepted views, a list for each request. */
  accepted: ViewEvent[][];
  stop: () => Promise<void>;
};

/** Ingest on a real port, in front of a list instead of a queue: every page may post, and nothing is limited. */
export async function startIngest(deps: Partial<IngestDeps> = {}): Promise<RunningIngest> {
  const accepted: ViewEvent[][] = [];
  const server = await listen(
    createIngest({
      accept: async (views) => void accepted.push(views),
      hasServerKey: createApiKeyCheck([KEY], { isDevelopment: false }),
      clientAddress: clientAddressBehind(trustNone),
      onUntrusted: () => {},
      checkOrigin: checkOrigin([], { isDevelopment: true }),
      rateLimit: createRateLimit(0),
      pageTokenSecrets: [],
      ownHosts: createOwnHosts([]),
      isIgnored: () => false,
      isSuspect: () => false,
      enrichView: createEnrichView({ storeIp: "off", storeUserAgent: false }, noEnrichment),
      viewers: createViewers(viewerSettings, salts),
      onRefused: () => {},
      onIgnored: () => {},
      onUnknownField: () => {},
      now: () => now,
      logger: createLogger({ service: "test", level: "silent" }),
      readiness: createReadiness({}),
      paths: DEFAULT_PATHS,
      script: loadScript(DEFAULT_PATHS),
      onRequest: () => {},
      onRefusal: () => {},
      onRejected: () => {},
      ...deps,
    }),
    { host: "127.0.0.1", port: 0 },
  );
  return {
    url: `http://127.0.0.1:${portOf(server)}`,
    port: portOf(server),
    accepted,
    stop: () => closeServer(server),
  };
}
