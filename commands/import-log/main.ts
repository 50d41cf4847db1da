import { setTimeout } from "node:timers/promises";
import { runCommand } from "@model-views/shared/runtime/run-command.ts";
import { checkReachable } from "./check-reachable.ts";
import { importLog } from "./import-log.ts";
import { ImportStopped } from "./import-stopped.ts";
import { openLog } from "./open-log.ts";
import { openProgress } from "./progress.ts";
import { isNoLog, reportOf } from "./report.ts";
import { type ImportSettings, importSettings } from "./settings.ts";
import { emptyTally } from "./tally.ts";

const help = `
npm run import-log -- FILE [--include PATTERN] [--exclude PATTERN] [--map FILE] [--ingest URL] [--stats URL]

Posts the views of a web server's access log (- is stdin): each GET with status 200 is a view of its path, by the viewer with
that address and user agent, at its own time. Models are made for paths that have none, with the path as their name.

Reads Combined and Common Log Format, also with the virtual host in front, and JSON as Caddy, Traefik and nginx write it;
packed by gzip, zstd, deflate or brotli (.br), in UTF-8 or UTF-16.

Running it again with the same log adds nothing. Lines that cannot be read are counted, and the first are shown. Views of months of
which retention has removed views are not posted: nobody could tell them from those that were removed.

  --include PATTERN  only paths like this: /models/* (* is any text without /, ** any text); may be given several times
  --exclude PATTERN  no paths like this. Without --include, /favicon.ico, /robots.txt and the like are left out
  --map FILE         which path is which of the website's models: lines with a path (or pattern) and a UUID; or, where the
                     path has the id in it, /models/:id :id. Other paths are left out, and no models are made
  --ingest URL       where ingest is; else http://127.0.0.1:INGEST_PORT (4001)
  --stats URL        where the stats API is; else http://127.0.0.1:STATS_PORT (4002)

Sends the first key of SERVER_KEYS to ingest and the first of ADMIN_KEYS to the stats API.
Ends with 0 when the log is imported, with 1 when it could not be to its end or most of its lines could not be read, with 78
when it was called wrongly.`;

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

async function run({ file, ingest, stats, modelOfPath }: ImportSettings): Promise<void> {
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
      modelOfPath,
      wait: (ms, signal) => setTimeout(ms, undefined, { signal }),
      now: () => new Date(),
      onRetry: progress.note,
      onProgress: progress.show,
    });
  } finally {
    progress.stop();
    process.stdout.write(reportOf(tally));
  }
  if (isNoLog(tally)) {
    throw new ImportStopped(
      `Most lines of ${file} could not be read: it is no log of a format that is understood (--help says which).`,
    );
  }
}
