import { setTimeout } from "node:timers/promises";
import { runCommand } from "@model-views/shared/run-command.ts";
import { checkReachable } from "./check-reachable.ts";
import { importLog } from "./import-log.ts";
import { ImportStopped } from "./import-stopped.ts";
import { openLog } from "./open-log.ts";
import { openProgress } from "./progress.ts";
import { reportOf } from "./report.ts";
import { type ImportSettings, importSettings } from "./settings.ts";
import { emptyTally } from "./tally.ts";

const help = `
npm run import-log -- FILE [--ingest URL] [--stats URL]

Posts the views of a web server's access log (Combined or Common Log Format, also gzipped; - is stdin): each GET
with status 200 is a view of its path, by the viewer with that address and user agent, at its own time. Models are
made for paths that have none, with the path as their name.

Running it again with the same log adds nothing. Lines that cannot be read are counted, and the first are shown.

  --ingest URL  where ingest is; else http://127.0.0.1:INGEST_PORT (4001)
  --stats URL   where the stats API is; else http://127.0.0.1:STATS_PORT (4002)

Sends the first key of SERVER_KEYS to ingest and the first of ADMIN_KEYS to the stats API.
Ends with 0 when the log is imported, with 1 when it could not be to its end, with 78 when it was called wrongly.`;

await runCommand({
  help,
  async main(args) {
    const settings = importSettings(args, process.env, process.cwd());
    try {
      await run(settings);
    } catch (error) {
      if (!(error instanceof ImportStopped)) throw error;
      process.stderr.write(`${error.message}\n`);
      process.exit(1);
    }
  },
});

async function run({ file, ingest, stats }: ImportSettings): Promise<void> {
  const log = await openLog(file, process.stdin);
  await checkReachable(ingest);
  await checkReachable(stats);
  const tally = emptyTally();
  const progress = openProgress(process.stdout, log, tally);
  try {
    await importLog(log.chunks, {
      ingest,
      stats,
      tally,
      wait: (ms, signal) => setTimeout(ms, undefined, { signal }),
      now: () => new Date(),
      onRetry: progress.note,
      onProgress: progress.show,
    });
  } finally {
    progress.stop();
    process.stdout.write(reportOf(tally));
  }
}
