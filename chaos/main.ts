import { runCommand } from "@model-views/shared/run-command.ts";
import { parseChaosOptions } from "./src/options.ts";
import { planText } from "./src/report.ts";
import { runOnce } from "./src/run-once.ts";
import { type Run, runOf } from "./src/runs.ts";

const help = `
npm run chaos [-- --minutes M] [--seed N] [--rate N] [--kills N] [--only FAULT,…] [--plan]
npm run chaos -- --outage redis|postgres [--seconds N] [--rate N]

Runs two ingests and two workers on a PostgreSQL and a Redis of their own, posts views of known ids to them, and
meanwhile kills and stops each process, cuts and slows down connections, fills Redis, makes the databases read-only,
deletes models and more. Afterwards every acknowledged view must be stored once, as it was sent, or rejected with its
reason, and every rollup must say what the views say.

  --minutes M   as long (without: every kind of fault once, in less than two minutes)
  --seed N      the same schedule again; a failure names its seed
  --rate N      views per second (300; 400 with --minutes; 1,000 with --outage)
  --kills N     processes to kill with SIGKILL (some 20 a minute)
  --only F,…    only these kinds of fault
  --plan        prints the schedule, and does no more
  --outage S    nothing but one outage of that store
  --seconds N   seconds of the outage (60)

Uses a temporary folder and only loopback; nothing stays, but the logs of a run that failed. Exit code 1 when something
does not hold, 130 when it was stopped.`;

const EXIT_STOPPED = 130;

await runCommand({
  help,
  async main(args) {
    const command = parseChaosOptions(args);
    const run = runOf(command);
    if (command.plan) {
      process.stdout.write(`${planText(run.plan)}\n`);
      return;
    }
    process.exit(await exitCodeOf(run));
  },
});

async function exitCodeOf(run: Run): Promise<number> {
  const isPassed = await runOnce(run, { stopped: nextSignal(), say, print });
  if (isPassed === undefined) {
    say("stopped");
    return EXIT_STOPPED;
  }
  return isPassed ? 0 : 1;
}

/** Resolves at the first signal that asks to stop. */
function nextSignal(): Promise<void> {
  return new Promise((resolve) => {
    process.on("SIGINT", () => resolve());
    process.on("SIGTERM", () => resolve());
  });
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
