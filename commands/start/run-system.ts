import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { ourService } from "@model-views/lab/service-process.ts";
import { withLock } from "@model-views/local-services/lock.ts";
import { openLocalServices } from "@model-views/local-services/open.ts";
import { UsageError } from "@model-views/shared/runtime/run-command.ts";
import type { StartSettings } from "../shared/settings.ts";
import { statsUrlFor } from "../shared/stats-url.ts";
import { accountForServices } from "./drop-rights.ts";
import { keptSalt } from "./kept-salt.ts";
import { SERVICES, type StartOptions } from "./options.ts";
import { prepareDatabase } from "./prepare-database.ts";
import { say } from "./say.ts";
import { developDashboard, type StartedDashboard, startDashboard } from "./start-dashboard.ts";
import { startServices } from "./start-services.ts";
import type { SupervisedService } from "./supervise.ts";
import { watchMigrations } from "./watch-migrations.ts";
import { welcome } from "./welcome.ts";

/** The ports of a service that is not running. */
const NOWHERE = { port: 0, adminPort: 0 };

export type SystemOptions = {
  settings: StartSettings;
  options: StartOptions;
  /** As `makeDataDir` returns it. */
  dataDir: string;
  /** The environment of the services; what this starts is added. */
  env: NodeJS.ProcessEnv;
  /** Fills the migrated database before the services start. */
  fill?: (databaseUrl: string, salt: string) => Promise<void>;
  /** Called once, when everything runs. */
  onRunning?: (running: RunningSystem) => void;
  /** Awaited when the services have stopped, before the databases do. */
  onStopping?: () => Promise<void>;
};

export type RunningSystem = {
  /** The address of ingest. */
  ingestUrl: string;
};

/**
 * Opens everything, waits until the signal aborts, and closes it in the reverse order. Prints to stdout what runs where.
 *
 * @throws {UsageError} when it runs already on this folder.
 */
export async function runSystem(stopped: AbortSignal, options: SystemOptions): Promise<void> {
  await withOneAtATime(options.dataDir, () => runUntil(stopped, options));
}

async function runUntil(
  stopped: AbortSignal,
  { settings, options, dataDir, env, fill, onRunning, onStopping }: SystemOptions,
): Promise<void> {
  const { DATABASE_URL, REDIS_URL } = settings;
  await using opened = new AsyncDisposableStack();
  const local = await openLocalServices({
    dataDir,
    own: true,
    log: say,
    ...(DATABASE_URL === undefined ? {} : { databaseUrl: DATABASE_URL }),
    ...(REDIS_URL === undefined ? {} : { redisUrl: REDIS_URL }),
  });
  opened.defer(local.stop);
  if (onStopping !== undefined) opened.defer(onStopping);
  const isOurs = DATABASE_URL === undefined;
  const statsUrl = statsUrlFor(settings, local.databaseUrl);
  const schema = settings.DATABASE_SCHEMA;
  const reportingTimeZone = settings.REPORTING_TIME_ZONE;
  const salt = settings.VIEWER_ID_SALT ?? (await keptSalt(dataDir));
  const modelId = await prepareDatabase(local.databaseUrl, {
    schema,
    isOurs,
    statsUrl,
    reportingTimeZone,
    ...(fill === undefined ? {} : { fill: () => fill(local.databaseUrl, salt) }),
    say,
  });
  if (stopped.aborted) return;
  if (options.watch) opened.defer(watchMigrations(say));
  const account = await accountForServices({
    root: fileURLToPath(new URL("../..", import.meta.url)),
    mains: (await Promise.all(SERVICES.map(ourService))).map(({ main }) => main),
    files: [".env", ...(env["COUNTRY_DATABASE"] ? [env["COUNTRY_DATABASE"]] : [])],
    spoolFolder: resolve(dataDir, "spool"),
    say,
  });
  const dashboard = await startDashboard(say);
  opened.defer(dashboard.stop);
  const services = await startServices(settings, options, account, {
    ...withoutFiles(env),
    DATA_DIR: dataDir,
    NODE_ENV: settings.NODE_ENV,
    DATABASE_URL: local.databaseUrl,
    STATS_DATABASE_URL: statsUrl,
    REDIS_URL: local.redisUrl,
    DASHBOARD_DIR: dashboard.folder,
    VIEWER_ID_SALT: salt,
  });
  opened.defer(async () => void (await Promise.all(services.map(({ stop }) => stop()))));
  const end = once(stopped);
  const running = runningUntil(end, services, { settings, modelId, dashboard, options, opened, onRunning });
  await Promise.race([end, running]);
  say("stopping");
}

/** The environment without the files of settings that are given to the services as they are: both would be too many. */
function withoutFiles(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const given = ["DATABASE_URL", "STATS_DATABASE_URL", "REDIS_URL", "VIEWER_ID_SALT"].map(
    (name) => `${name}_FILE`,
  );
  return Object.fromEntries(Object.entries(env).filter(([name]) => !given.includes(name)));
}

/** Prints what runs where once it does, and waits. */
async function runningUntil(
  stopped: Promise<void>,
  services: readonly SupervisedService[],
  {
    settings: { STATS_KEYS, ADMIN_KEYS },
    modelId,
    dashboard,
    options,
    opened,
    onRunning,
  }: {
    settings: StartSettings;
    modelId: string | undefined;
    dashboard: StartedDashboard;
    options: StartOptions;
    opened: AsyncDisposableStack;
    onRunning: SystemOptions["onRunning"];
  },
): Promise<void> {
  const [ingest = NOWHERE, worker = NOWHERE, stats = NOWHERE] = await Promise.all(
    services.map(({ listens }) => listens),
  );
  const developed = options.watch ? await developDashboard(stats.port, (line) => say(line)) : undefined;
  if (developed !== undefined) opened.defer(developed.stop);
  process.stdout.write(
    welcome({
      dashboard: developed?.url ?? `http://127.0.0.1:${stats.port}`,
      isBuilding: developed === undefined && dashboard.isBuilding(),
      ingest: ingest.port,
      stats: stats.port,
      admin: { ingest: ingest.adminPort, stats: stats.adminPort, worker: worker.adminPort },
      modelId,
      hasStatsKeys: STATS_KEYS.length > 0,
      hasAdminKeys: ADMIN_KEYS.length > 0,
    }),
  );
  onRunning?.({ ingestUrl: `http://127.0.0.1:${ingest.port}` });
  return stopped;
}

/** Aborts at the first SIGINT or SIGTERM. A second one is not needed, because closing has deadlines. */
export function stopSignal(): AbortSignal {
  const stopped = new AbortController();
  process.on("SIGINT", () => stopped.abort());
  process.on("SIGTERM", () => stopped.abort());
  return stopped.signal;
}

/** Resolves when the signal aborts. */
function once(stopped: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (stopped.aborted) resolve();
    stopped.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** Two `npm start` on one folder would stop each other's PostgreSQL and Redis. */
async function withOneAtATime(dataDir: string, work: () => Promise<void>): Promise<void> {
  const onWait = () => {
    throw new UsageError(`it runs already on ${dataDir}; stop it, or set DATA_DIR and the ports to others`);
  };
  await withLock(resolve(dataDir, "start.lock"), work, { onWait });
}
