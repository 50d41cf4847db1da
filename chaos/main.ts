import { runCommand } from "@model-views/shared/runtime/run-command.ts";
import { type ChaosCommand, parseChaosOptions, runOf } from "./src/options.ts";
import { planText } from "./src/report.ts";
import { runMutation } from "./src/run-mutation.ts";
import { runOnce } from "./src/run-once.ts";

const help = `
npm run chaos [-- --minutes M] [--seed N] [--rate N] [--kills N] [--only FAULT,…] [--plan]
npm run chaos -- --outage redis|postgres [--seconds N] [--rate N]
npm run chaos -- --mutants [MUTANT …]

Starts two ingests, two workers and a stats API on a separate PostgreSQL and Redis, and posts views with known ids to
them. Meanwhile it kills and stops each process, cuts and delays connections, fills Redis and the disks of Redis, PostgreSQL
and the spools, makes the databases read-only, removes rights, deletes models, erases viewers and more. A quarter of the views is late, and
their days and hours are finalized again and again. Afterwards every acknowledged view
must be stored once, as it was sent, or rejected with its reason; every rollup must match the views; and questions must be
answered. The services have the rights of docs/databases.md and no others.

Disks that are filled are in memory (tmpfs). Where none can be mounted (it takes root, on Linux), those faults are left out,
and the report lists them as not tried.

  --minutes M   minutes of the run (default: every kind of fault once, in some 100 s)
  --seed N      the same schedule again; a failure prints its seed
  --rate N      views per second (300; 400 with --minutes; 1,000 with --outage)
  --kills N     processes to kill with SIGKILL (some 20 a minute)
  --only F,…    only these kinds of fault
  --plan        only prints the schedule
  --outage S    a single fault: an outage of redis or postgres
  --seconds N   seconds of the outage (60)
  --mutants     builds mutants (bugs made on purpose) into the services, all or those named, one run each, and fails for each
                mutant that the checks do not catch

Uses a temporary folder and only loopback. Only the logs of a failed run stay. Exit code 1 when a check fails, 130 when the
run was stopped.`;

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
  const options = { stopped: nextSignal(), log, print };
  const isPassed =
    mutants === undefined
      ? await runOnce(runOf(command), options)
      : await runMutation(mutants, { ...options, seed });
  if (isPassed === undefined) {
    log("stopped");
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

function log(line: string): void {
  process.stderr.write(`${line}\n`);
}
