import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isPassed, type Verdict } from "./check/verdict.ts";
import { disksFor } from "./lab/disks.ts";
import { noFinalizing, noteFinalizing } from "./lab/finalizing.ts";
import { removeLogs, withLab } from "./lab/lab.ts";
import type { SpoolPut } from "./lab/messages.ts";
import type { Mutant } from "./lab/mutant.ts";
import type { Run } from "./options.ts";
import { endOf } from "./plan/plan.ts";
import { planText, report } from "./report.ts";
import { runChaos } from "./run-chaos.ts";

export type RunOnceOptions = {
  stopped: Promise<void>;
  /** Prints progress, for people. */
  log: (line: string) => void;
  /** Prints the result. */
  print: (text: string) => void;
};

export type RunOutcome = {
  verdict: Verdict;
  /** Folder with the logs of services and servers, and the schedule. */
  logs: string;
  removeLogs: () => Promise<void>;
  /** Sources that a service has loaded with the mutant in them. */
  mutated: ReadonlySet<string>;
};

/** Runs it and prints the report. Resolves with whether it passed, and with undefined when it was stopped. */
export async function runOnce(run: Run, options: RunOnceOptions): Promise<boolean | undefined> {
  const outcome = await runInLab(run, { ...options, mutant: undefined });
  if (outcome === undefined) return undefined;
  options.print(report(outcome.verdict));
  if (isPassed(outcome.verdict)) await outcome.removeLogs();
  else options.print(`Logs and schedule: ${outcome.logs}\nTo repeat it: ${run.command}`);
  return isPassed(outcome.verdict);
}

/** Runs it in a new lab; undefined when it was stopped. */
export async function runInLab(
  run: Run,
  { stopped, log, mutant }: RunOnceOptions & { mutant: Mutant | undefined },
): Promise<RunOutcome | undefined> {
  const logs = await mkdtemp(join(tmpdir(), "model-views-chaos-logs-"));
  await writeFile(join(logs, "schedule.txt"), `${run.command}\n\n${planText(run.plan)}\n`);
  const spoolPuts: SpoolPut[] = [];
  const finalizing = noFinalizing();
  const mutated = new Set<string>();
  log(
    `seed ${run.seed}: ${run.plan.length} faults in ${Math.ceil(endOf(run.plan) / 1_000)} s, ${run.rate} views/s`,
  );
  const verdict = await withLab((lab) => runChaos(lab, { ...run, spoolPuts, finalizing, log }), {
    ...{ mutant, logs, stopped, disks: disksFor(run) },
    onSpoolPut: (put) => spoolPuts.push(put),
    onFinalizing: (message) => noteFinalizing(finalizing, message),
    onMutated: (file) => mutated.add(file),
  });
  if (verdict !== undefined) return { verdict, logs, removeLogs: () => removeLogs(logs), mutated };
  await removeLogs(logs);
  return undefined;
}
