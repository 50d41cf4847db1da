import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isPassed, type Verdict } from "./check/verdict.ts";
import { removeLogs, withLab } from "./lab/lab.ts";
import type { SpoolPut } from "./lab/spool-put.ts";
import type { Mutant } from "./mutation/mutant.ts";
import { disksFor } from "./plan/disks-for.ts";
import { endOf } from "./plan/plan.ts";
import { planText, report } from "./report.ts";
import { runChaos } from "./run-chaos.ts";
import type { Run } from "./runs.ts";

export type RunOnceOptions = {
  stopped: Promise<void>;
  /** Progress, for people. */
  say: (line: string) => void;
  /** The result. */
  print: (text: string) => void;
};

export type RunOutcome = {
  verdict: Verdict;
  /** Folder of the services' and servers' logs, and of the schedule. */
  logs: string;
  removeLogs: () => Promise<void>;
  /** Sources that a service has read with the mutant in them. */
  mutated: ReadonlySet<string>;
};

/** Runs it, prints what came of it, and says whether all was well; undefined when it was stopped. */
export async function runOnce(run: Run, options: RunOnceOptions): Promise<boolean | undefined> {
  const outcome = await runInLab(run, { ...options, mutant: undefined });
  if (outcome === undefined) return undefined;
  options.print(report(outcome.verdict));
  if (isPassed(outcome.verdict)) await outcome.removeLogs();
  else options.print(`Logs and schedule: ${outcome.logs}\nTo repeat it: ${run.command}`);
  return isPassed(outcome.verdict);
}

/** Runs it in a lab of its own; undefined when it was stopped. */
export async function runInLab(
  run: Run,
  { stopped, say, mutant }: RunOnceOptions & { mutant: Mutant | undefined },
): Promise<RunOutcome | undefined> {
  const logs = await mkdtemp(join(tmpdir(), "model-views-chaos-logs-"));
  await writeFile(join(logs, "schedule.txt"), `${run.command}\n\n${planText(run.plan)}\n`);
  const spoolPuts: SpoolPut[] = [];
  const mutated = new Set<string>();
  say(
    `seed ${run.seed}: ${run.plan.length} faults in ${Math.ceil(endOf(run.plan) / 1_000)} s, ${run.rate} views/s`,
  );
  const verdict = await withLab((lab) => runChaos(lab, { ...run, spoolPuts, say }), {
    ...{ mutant, logs, stopped, disks: disksFor(run) },
    onSpoolPut: (put) => spoolPuts.push(put),
    onSabotaged: (file) => mutated.add(file),
  });
  if (verdict !== undefined) return { verdict, logs, removeLogs: () => removeLogs(logs), mutated };
  await removeLogs(logs);
  return undefined;
}
