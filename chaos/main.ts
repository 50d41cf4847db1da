import { runCommand } from "@model-views/shared/runtime/run-command.ts";
import { runMutation } from "./src/mutation/run-mutation.ts";
import { type ChaosCommand, parseChaosOptions } from "./src/options.ts";
import { planText } from "./src/report.ts";
import { runOnce } from "./src/run-once.ts";
import { runOf } from "./src/runs.ts";

const help = `
npm run chaos [-- --minutes M] [--seed N] [--rate N] [--kills N] [--only FAULT,…] [--plan]
npm run chaos -- --outage redis|postgres [--seconds N] [--rate N]
npm run chaos -- --mutants [MUTANT …]

Runs two ingests, two workers and a stats API on a PostgreSQL and a Redis of their own, posts views of known ids to
them, and meanwhile kills and stops each process, cuts and slows down connections, fills Redis and the disks of Redis,
PostgreSQL and the spools, makes the databases read-only, takes rights away, deletes models and more. Afterwards every
acknowledged view must be stored once, as it was sent, or rejected with its reason, every rollup must say what the views
say, and questions must be answered. The services have the rights of docs/databases.md and no others.

Disks that are made full are in memory (tmpfs): where none can be mounted (it takes root, on Linux), those faults are left
out, and the report names them as not tried.

  --minutes M   as long (without: every kind of fault once, in some 100 s)
  --seed N      the same schedule again; a failure names its seed
  --rate N      views per second (300; 400 with --minutes; 1,000 with --outage)
  --kills N     processes to kill with SIGKILL (some 20 a minute)
  --only F,…    only these kinds of fault
  --plan        prints the schedule, and does no more
  --outage S    nothing but one outage of that store
  --seconds N   seconds of the outage (60)
  --mutants     builds a mutant into the services, each in turn or those named, and tells whether that is found out

Uses a temporary folder and only loopback; nothing stays, but the logs of a run that failed. Exit code 1 when something
does not hold, 130 when it was stopped.`;

const EXIT_STOPPED = 130;

await runCommand({
  help,
  async main(args) {
    const command = parseChaosOptions(args);
    if (command.plan) print(planText(runOf(command).plan));
    else process.exit(await exitCodeOf(command));
  },
});

async function exitCodeOf(command: ChaosCommand): Promise<number> {
  const { seed, mutants } = command;
  const options = { stopped: nextSignal(), say, print };
  const isPassed =
    mutants === undefined
      ? await runOnce(runOf(command), options)
      : await runMutation(mutants, { ...options, seed });
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
