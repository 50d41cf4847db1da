import { once } from "node:events";
import { createServer } from "node:net";
import { SECRETS } from "@model-views/shared/runtime/config.ts";
import { UsageError } from "@model-views/shared/runtime/run-command.ts";

/** Settings that the demo takes from the environment and from `.env`. */
export const TAKEN = [
  "DATA_DIR",
  "INGEST_PORT",
  "STATS_PORT",
  "WORKER_PORT",
  "INGEST_ADMIN_PORT",
  "STATS_ADMIN_PORT",
  "LOG_LEVEL",
] as const;

/**
 * All other settings of the services. They are for real views: the demo must not fill the database of a website, wants no keys on
 * this machine, and keeps its history. Empty rather than absent, because the services read `.env` too, and add what is absent.
 */
const LEFT_OUT = [
  "ADMIN_HOST",
  "ADMIN_KEYS",
  "ALLOWED_ORIGINS",
  "CLIENT_ADDRESS_HEADER",
  "COUNTRY_DATABASE",
  "CROSS_SITE_COOKIE",
  "DASHBOARD_DIR",
  "DATABASE_SCHEMA",
  "DATABASE_URL",
  "HONOUR_PRIVACY_SIGNALS",
  "HOST",
  "IGNORE_ADDRESSES",
  "INSERTS_IN_FLIGHT_MAX",
  "INSERT_VIEWS_MAX",
  "JOBS_IN_FLIGHT_MAX",
  "PAGE_TOKEN_SECRETS",
  "PROGRESS_TIMEOUT_SECONDS",
  "RATE_LIMIT_PER_MINUTE",
  "REDIS_URL",
  "REPORTING_TIME_ZONE",
  "SCRIPT_PATH",
  "SERVER_KEYS",
  "SPAM_REFERRERS",
  "SPOOL_BYTES_MAX",
  "STATS_ALLOWED_ORIGINS",
  "STATS_CACHE_SECONDS",
  "STATS_CONNECTIONS_MAX",
  "STATS_DATABASE_URL",
  "STATS_KEYS",
  "STORE_IP",
  "STORE_USER_AGENT",
  "SUSPECT_VIEWERS_PER_ADDRESS",
  "SUSPECT_VIEWS_PER_ADDRESS_AND_MODEL",
  "SUSPECT_VIEWS_PER_TOKEN",
  "TRUST_PROXY",
  "UNKNOWN_MODEL_DAYS",
  "UNKNOWN_MODEL_VIEWS_MAX",
  "VIEWER_ID_SALT",
  "VIEWER_MODE",
  "VIEWS_IN_FLIGHT_MAX",
  "VIEWS_PATH",
  "VIEWS_WAITING_MAX",
];

/** Views are kept for ever: by default the worker would remove the older half of the history. */
const OWN = { NODE_ENV: "development", RETENTION_DAYS: "0" };

/** The environment of the demo's services. */
export function demoEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const leftOut = [...LEFT_OUT, ...SECRETS.map((name) => `${name}_FILE`)];
  return { ...env, ...Object.fromEntries(leftOut.map((name) => [name, ""])), ...OWN };
}

/**
 * Fails before anything is started where a port is taken, mostly by `npm start`.
 *
 * @param ports by the names of their settings; 0 stands for any free one.
 * @throws {UsageError} with the settings that choose others.
 */
export async function refuseTakenPorts(ports: Readonly<Record<string, number>>): Promise<void> {
  const taken: string[] = [];
  for (const [name, port] of Object.entries(ports))
    if (!(await isFree(port))) taken.push(`${name} (${port})`);
  if (taken.length === 0) return;
  const others = Object.entries(ports).map(([name, port]) => `${name}=${port + 100}`);
  throw new UsageError(
    `These ports are taken: ${taken.join(", ")}. Does npm start run already? Stop it, or choose others:\n` +
      `  ${others.join(" ")} npm run demo`,
  );
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    await once(server.listen(port, "127.0.0.1"), "listening");
    server.close();
    await once(server, "close");
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EADDRINUSE") return false;
    throw error;
  }
}
