import { DEFAULT_PATHS, type IngestPaths } from "./ingest-paths.ts";
import type { ModelViewsError } from "./model-views-error.ts";

/** Milliseconds a call takes at most, by default. */
const TIMEOUT_MS = 1_000;

/** Where the services are. A call that needs a missing setting fails and names it; the other calls work. */
export type ModelViewsConfig = {
  /** Address of ingest: `http://ingest:4001`. */
  ingestUrl?: string | undefined;
  /** Address of the stats API: `http://stats-api:4002`. */
  statsUrl?: string | undefined;
  /** One of ingest's `SERVER_KEYS`. */
  serverKey?: string | undefined;
  /** One of the stats API's `STATS_KEYS`. */
  statsKey?: string | undefined;
  /** One of the stats API's `ADMIN_KEYS`; only `putModel` needs it. */
  adminKey?: string | undefined;
  /** The `VIEWER_ID_SALT` of ingest; only the functions that identify viewers need it. */
  viewerIdSalt?: string | undefined;
  /** Whether the cookie `viewer_id` goes over HTTPS only. Default: true. */
  isProduction?: boolean | undefined;
  /** The longest a call may take, in milliseconds, including its second try. Default: 1,000; at most 60,000. */
  timeoutMs?: number | undefined;
  /** Default: `globalThis.fetch`, read at each call. */
  fetch?: typeof globalThis.fetch | undefined;
  /** The path at which ingest accepts views: its `VIEWS_PATH`. Default: `/v1/views`. */
  viewsPath?: string | undefined;
  /** The path at which ingest serves the script: its `SCRIPT_PATH`. Default: `/model-views.js`. */
  scriptPath?: string | undefined;
  /**
   * Called with failures that no caller sees: of a view that is posted after the response was sent, or of one that could
   * not be passed on. Default: a warning on the console, at most one a minute of each kind.
   */
  onError?: ((error: ModelViewsError) => void) | undefined;
};

/** Options of a single call. */
export type CallOptions = Pick<ModelViewsConfig, "fetch" | "timeoutMs"> & {
  /** Ends the call early. */
  signal?: AbortSignal | undefined;
};

/** Options of a call that reads. They are passed to `fetch`; none is set by default. */
export type ReadOptions = CallOptions & {
  /** `RequestInit.cache`. */
  cache?: "default" | "force-cache" | "no-cache" | "no-store" | "only-if-cached" | "reload" | undefined;
  /** How Next.js caches the answer. */
  next?: { revalidate?: number | false | undefined; tags?: string[] | undefined } | undefined;
};

/** A service as the website reaches it. */
export type Service = {
  /** Its name in error messages. */
  name: string;
  /** Its address. May have a path, which comes before `/v1`. */
  url: string | undefined;
  /** Sent as `Authorization: Bearer …`. Never part of an error. */
  key: string | undefined;
};

/** The configuration with its defaults, read for one call. */
export type Settings = {
  ingest: Service;
  statsApi: Service;
  /** The stats API, with the admin key. */
  admin: Service;
  viewer: { salt: string; isProduction: boolean };
  paths: IngestPaths;
  call: CallOptions & { timeoutMs: number };
  onError: ((error: ModelViewsError) => void) | undefined;
};

/** Reads a configuration, or calls the function that returns it. */
export function readConfig(given: ModelViewsConfig | (() => ModelViewsConfig)): Settings {
  const config = typeof given === "function" ? given() : given;
  return {
    ingest: { name: "ingest", url: config.ingestUrl, key: config.serverKey },
    statsApi: { name: "the stats API", url: config.statsUrl, key: config.statsKey },
    admin: { name: "the stats API", url: config.statsUrl, key: config.adminKey },
    viewer: { salt: config.viewerIdSalt ?? "", isProduction: config.isProduction ?? true },
    paths: {
      views: config.viewsPath ?? DEFAULT_PATHS.views,
      script: config.scriptPath ?? DEFAULT_PATHS.script,
    },
    call: { fetch: config.fetch, timeoutMs: config.timeoutMs ?? TIMEOUT_MS },
    onError: config.onError,
  };
}

/** The options of a call, completed by the configuration. */
export function callOptions<Options extends CallOptions>(
  configured: Settings["call"],
  options: Options,
): Options & { timeoutMs: number } {
  return {
    ...options,
    fetch: options.fetch ?? configured.fetch,
    timeoutMs: options.timeoutMs ?? configured.timeoutMs,
  };
}
