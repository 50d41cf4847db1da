import { explainFailure } from "@model-views/db/postgres/failure.ts";
import { makeDataDir } from "@model-views/local-services/data-dir.ts";
import { parseConfig } from "@model-views/shared/runtime/config.ts";
import { runCommand } from "@model-views/shared/runtime/run-command.ts";
import { startSettings } from "../shared/settings.ts";
import { startOptions } from "./options.ts";
import { runSystem, stopSignal } from "./run-system.ts";
import { say } from "./say.ts";

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

await runCommand({
  help,
  explain: explainFailure,
  async main(args) {
    const options = startOptions(args);
    const settings = parseConfig(startSettings, process.env);
    const dataDir = await makeDataDir(settings.DATA_DIR);
    await runSystem(stopSignal(), { settings, options, dataDir, env: process.env });
    say("stopped; the data stays in", dataDir);
    process.exit(0);
  },
});
