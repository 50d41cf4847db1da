import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { explainFailure } from "@model-views/db/postgres/failure.ts";
import { ourService } from "@model-views/lab/service-process.ts";
import { makeDataDir } from "@model-views/local-services/data-dir.ts";
import { withLock } from "@model-views/local-services/lock.ts";
import { openLocalServices } from "@model-views/local-services/open.ts";
import type { Account } from "@model-views/local-services/programs.ts";
import { parseConfig } from "@model-views/shared/runtime/config.ts";
import { runCommand, UsageError } from "@model-views/shared/runtime/run-command.ts";
import pretty from "pino-pretty";
import type { z } from "zod";
import { startSettings } from "../shared/settings.ts";
import { statsUrlFor } from "../shared/stats-url.ts";
import { accountForServices } from "./drop-rights.ts";
import { keptSalt } from "./kept-salt.ts";
import { SERVICES, type StartOptions, startOptions } from "./options.ts";
import { prepareDatabase } from "./prepare-database.ts";
import { developDashboard, type StartedDashboard, startDashboard } from "./start-dashboard.ts";
import { type SupervisedService, supervise } from "./supervise.ts";
import { watchMigrations } from "./watch-migrations.ts";
import { sourceFolders } from "./watch-sources.ts";
import { welcome } from "./welcome.ts";

const help = `
npm start [-- --inspect SERVICE[:PORT]]
npm run dev [-- --inspect SERVICE[:PORT]]

Runs the whole system on this machine: finds or starts PostgreSQL and Redis (or takes DATABASE_URL and REDIS_URL),
migrates, starts ingest, worker and stats API, builds the dashboard, and prints their addresses. Data stays in DATA_DIR (.data).
Ctrl-C stops all of it. Settings come from the environment and .env; .env.example explains them.

npm run dev restarts a service when its sources change, or those of a package that it uses, and shows changes of the dashboard at once. A service that fails waits
for the next change. A new migration is reported: npm run migrate runs it, meanwhile. After a change of .env or of the
dependencies, start it again.

--inspect lets a debugger attach to one service (ingest, worker or stats-api), on 127.0.0.1 and port 9229 or PORT.`;

/** The ports of a service that is not running. */
const NOWHERE = { port: 0, adminPort: 0 };

type Settings = z.infer<typeof startSettings>;

await runCommand({
  help,
  explain: explainFailure,
  async main(args) {
    const options = startOptions(args);
    const settings = parseConfig(startSettings, process.env);
    const dataDir = await makeDataDir(settings.DATA_DIR);
    const stopped = nextSignal();
    await withOneAtATime(dataDir, () => runUntil(stopped, { settings, options, dataDir }));
    say("stopped; the data stays in", dataDir);
    process.exit(0);
  },
});

/** Opens everything, waits, and closes it in the reverse order. */
async function runUntil(
  stopped: Promise<void>,
  { settings, options, dataDir }: { settings: Settings; options: StartOptions; dataDir: string },
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
  const isOurs = DATABASE_URL === undefined;
  const statsUrl = statsUrlFor(settings, local.databaseUrl);
  const schema = settings.DATABASE_SCHEMA;
  const reportingTimeZone = settings.REPORTING_TIME_ZONE;
  const modelId = await prepareDatabase(local.databaseUrl, {
    schema,
    isOurs,
    statsUrl,
    reportingTimeZone,
    say,
  });
  if (options.watch) opened.defer(watchMigrations(say));
  const account = await accountForServices({
    root: fileURLToPath(new URL("../..", import.meta.url)),
    mains: (await Promise.all(SERVICES.map(ourService))).map(({ main }) => main),
    files: [".env", ...(process.env["COUNTRY_DATABASE"] ? [process.env["COUNTRY_DATABASE"]] : [])],
    spoolFolder: resolve(dataDir, "spool"),
    say,
  });
  const dashboard = await startDashboard(say);
  opened.defer(dashboard.stop);
  const services = await startServices(settings, options, account, {
    ...process.env,
    DATA_DIR: dataDir,
    NODE_ENV: settings.NODE_ENV,
    DATABASE_URL: local.databaseUrl,
    STATS_DATABASE_URL: statsUrl,
    REDIS_URL: local.redisUrl,
    DASHBOARD_DIR: dashboard.folder,
    VIEWER_ID_SALT: settings.VIEWER_ID_SALT ?? (await keptSalt(dataDir)),
  });
  opened.defer(async () => void (await Promise.all(services.map(({ stop }) => stop()))));
  const running = runningUntil(stopped, services, { settings, modelId, dashboard, options, opened });
  await Promise.race([stopped, running]);
  say("stopping");
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
  }: {
    settings: Settings;
    modelId: string | undefined;
    dashboard: StartedDashboard;
    options: StartOptions;
    opened: AsyncDisposableStack;
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
  return stopped;
}

async function startServices(
  { INGEST_PORT, WORKER_PORT, STATS_PORT, INGEST_ADMIN_PORT, STATS_ADMIN_PORT }: Settings,
  { watch, inspect }: StartOptions,
  account: Account,
  env: NodeJS.ProcessEnv,
): Promise<SupervisedService[]> {
  const log = pretty({
    ignore: "pid,hostname,service",
    messageFormat: "{service}: {msg}",
    translateTime: "SYS:HH:MM:ss",
    singleLine: true,
  });
  const ports = {
    INGEST_PORT: String(INGEST_PORT),
    WORKER_PORT: String(WORKER_PORT),
    STATS_PORT: String(STATS_PORT),
    INGEST_ADMIN_PORT: String(INGEST_ADMIN_PORT),
    STATS_ADMIN_PORT: String(STATS_ADMIN_PORT),
  };
  const found = await Promise.all(
    SERVICES.map(async (name) => ({
      name,
      ...(await ourService(name)),
      watched: watch ? await sourceFolders(packageOf(name)) : [],
    })),
  );
  return found.map(({ name, main, flags, watched }) =>
    supervise({
      name,
      main,
      flags: inspect?.service === name ? [...flags, `--inspect=127.0.0.1:${inspect.port}`] : flags,
      env: { ...env, ...ports },
      account,
      watched,
      onLine: (line) => log.write(`${line}\n`),
      onExit: say,
    }),
  );
}

function packageOf(service: string): string {
  return fileURLToPath(new URL(`../../apps/${service}`, import.meta.url));
}

/** Resolves at the first SIGINT or SIGTERM. A second one is not needed, because closing has deadlines. */
function nextSignal(): Promise<void> {
  return new Promise((resolve) => {
    process.on("SIGINT", () => resolve());
    process.on("SIGTERM", () => resolve());
  });
}

/** Two `npm start` on one folder would stop each other's PostgreSQL and Redis. */
async function withOneAtATime(dataDir: string, work: () => Promise<void>): Promise<void> {
  const onWait = () => {
    throw new UsageError(
      `npm start is running already on ${dataDir}; stop it, or set DATA_DIR and the ports to others`,
    );
  };
  await withLock(resolve(dataDir, "start.lock"), work, { onWait });
}

function say(...words: string[]): void {
  process.stdout.write(`${words.join(" ")}\n`);
}
