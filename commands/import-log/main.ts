import { setTimeout } from "node:timers/promises";
import { runCommand } from "@model-views/shared/runtime/run-command.ts";
import { importLog } from "./import-log.ts";
import { openLog } from "./open-log.ts";
import { isNotALog, noTotals, openProgress, reportOf } from "./progress.ts";
import { checkReachable, ImportStopped } from "./service.ts";
import { type ImportSettings, importSettings } from "./settings.ts";

const help = `
npm run import-log -- FILE [--include PATTERN] [--exclude PATTERN] [--map FILE] [--ingest URL] [--stats URL]

Posts the views of a web server's access log (- is stdin). Each GET with status 200 is a view of its path, at its time, by the
viewer with that address and user agent. Models are made for paths that have none, with the path as their name.

Reads Combined and Common Log Format, also with the virtual host in front, and JSON as Caddy, Traefik and nginx write it;
compressed with gzip, zstd, deflate or brotli (.br), in UTF-8 or UTF-16.

A second run with the same log adds nothing. Lines that cannot be read are counted, and the first of them are shown. Views
of months of which retention has removed views are not posted: they could be views that were removed.

  --include PATTERN  only paths like this: /models/* (* is any text without /, ** any text); may be given several times
  --exclude PATTERN  no paths like this. Without --include, /favicon.ico, /robots.txt and the like are left out
  --map FILE         which path is which of the website's models: lines with a path (or pattern) and a UUID; or, where the
                     path has the id in it, /models/:id :id. Other paths are left out, and no models are made
  --ingest URL       address of ingest; default http://127.0.0.1:INGEST_PORT (4001)
  --stats URL        address of the stats API; default http://127.0.0.1:STATS_PORT (4002)

Sends the first key of SERVER_KEYS to ingest and the first of ADMIN_KEYS to the stats API.
Exit code 0 when the log is imported; 1 when it could not be read to its end, a service failed, or most of its lines could
not be read; 78 when the command was called wrongly.`;

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
  const totals = noTotals();
  const progress = openProgress(process.stdout, log, totals);
  try {
    await importLog(log.chunks, {
      ingest,
      stats,
      totals,
      modelOfPath,
      wait: (ms, signal) => setTimeout(ms, undefined, { signal }),
      now: () => new Date(),
      onRetry: progress.note,
      onProgress: progress.show,
    });
  } finally {
    progress.stop();
    process.stdout.write(reportOf(totals, stats.url.replace(/\/$/, "")));
  }
  if (isNotALog(totals)) {
    throw new ImportStopped(
      `Most lines of ${file} could not be read: it is not a log of a supported format (see --help).`,
    );
  }
}
