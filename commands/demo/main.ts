import { rm } from "node:fs/promises";
import { join } from "node:path";
import { connect, type Db } from "@model-views/db/postgres/connect.ts";
import { explainFailure } from "@model-views/db/postgres/failure.ts";
import { createProgress } from "@model-views/lab/progress.ts";
import { makeDataDir } from "@model-views/local-services/data-dir.ts";
import { removeLocalData } from "@model-views/local-services/open.ts";
import { parseConfig } from "@model-views/shared/runtime/config.ts";
import { runCommand } from "@model-views/shared/runtime/run-command.ts";
import { startSettings } from "../shared/settings.ts";
import { runSystem, stopSignal } from "../start/run-system.ts";
import { say } from "../start/say.ts";
import { demoEnvironment, refuseTakenPorts } from "./environment.ts";
import { type Filled, fillWorld } from "./fill-world.ts";
import { keepWorld } from "./kept-world.ts";
import { startTraffic } from "./live-traffic.ts";
import { demoOptions } from "./options.ts";
import { WORLD_DEFAULTS, worldUntil } from "./world/world.ts";

const help = `
npm run demo [-- --fresh] [--no-traffic] [--rate VIEWS]

Runs the whole system as npm start does, with a made-up agency: 60 models, and 120 days of views up to now, the same each time.
The first start fills its database, in about a minute. Later ones add what is missing since, in seconds. Then views come in
through ingest until Ctrl-C. All of it is in the folder demo of DATA_DIR (.data/demo): delete it when you have seen enough.

  --fresh        drops the data of earlier runs, and makes it anew
  --no-traffic   no views after the start
  --rate VIEWS   views a second, on the average of a day (2)

Of the environment and .env it takes DATA_DIR, LOG_LEVEL and the ports alone: it never uses DATABASE_URL or REDIS_URL.`;

/** How often it is noted that live views have come until now. */
const NOTE_EVERY_MS = 60_000;
const CONNECTIONS = 2;

await runCommand({
  help,
  explain: explainFailure,
  async main(args) {
    const options = demoOptions(args);
    const env = demoEnvironment(process.env);
    const settings = parseConfig(startSettings, env);
    const { INGEST_PORT, STATS_PORT, WORKER_PORT, INGEST_ADMIN_PORT, STATS_ADMIN_PORT } = settings;
    await refuseTakenPorts({ INGEST_PORT, STATS_PORT, WORKER_PORT, INGEST_ADMIN_PORT, STATS_ADMIN_PORT });
    const dataDir = await makeDataDir(join(settings.DATA_DIR, "demo"));
    if (options.fresh) await dropData(dataDir);
    const stopped = stopSignal();
    let db: Db | undefined;
    let filled: Filled | undefined;
    let live: { stop: () => Promise<void> } | undefined;
    await runSystem(stopped, {
      settings,
      options: { watch: false, inspect: undefined },
      dataDir,
      env,
      async fill(databaseUrl, salt) {
        db = openDatabase(databaseUrl);
        const now = new Date();
        const { days, views } = options;
        const begin = worldUntil(now, { ...WORLD_DEFAULTS, days, views });
        const progress = createProgress(process.stdout);
        filled = await fillWorld(db, { begin, salt, now, progress, signal: stopped });
        say(
          filled.isNew ? "filled a new demo:" : "the demo goes on:",
          `${filled.views.toLocaleString("en")} views`,
        );
      },
      onRunning({ ingestUrl }) {
        const { perSecond } = options;
        if (db === undefined || filled === undefined || perSecond === 0) return;
        live = noteRegularly(db, filled);
        startTraffic({ world: filled.world, perSecond, ingestUrl, signal: stopped, say });
        say(`About ${perSecond} views a second come in until Ctrl-C.`);
      },
      async onStopping() {
        await live?.stop();
        await db?.$client.end();
      },
    });
    say("stopped; the demo's data stays in", dataDir);
    process.exit(0);
  },
});

/** Notes until when there were live views, so that the next start adds those of the time after it. */
function noteRegularly(db: Db, { world }: Filled): { stop: () => Promise<void> } {
  const note = () => keepWorld(db, { world, filledUntil: new Date() });
  const noting = setInterval(() => {
    note().catch((error: Error) => say("the demo's progress could not be noted:", error.message));
  }, NOTE_EVERY_MS);
  return {
    async stop() {
      clearInterval(noting);
      await note();
    },
  };
}

function openDatabase(databaseUrl: string): Db {
  return connect({
    databaseUrl,
    applicationName: "model-views demo",
    connectionsMax: CONNECTIONS,
    statementTimeoutMs: 0,
    onError: (error) => say("PostgreSQL:", error.message),
  });
}

/** @throws when a demo still runs on it. */
async function dropData(dataDir: string): Promise<void> {
  await removeLocalData({ dataDir });
  for (const name of ["spool", "viewer-id-salt"])
    await rm(join(dataDir, name), { recursive: true, force: true });
}
