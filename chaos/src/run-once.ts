import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isPassed } from "./check/verdict.ts";
import { removeLogs, withLab } from "./lab/lab.ts";
import type { SpoolPut } from "./lab/spool-put.ts";
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

/** Runs it, prints what came of it, and says whether all was well; undefined when it was stopped. */
export async function runOnce(
  run: Run,
  { stopped, say, print }: RunOnceOptions,
): Promise<boolean | undefined> {
  const logs = await mkdtemp(join(tmpdir(), "model-views-chaos-logs-"));
  await writeFile(join(logs, "schedule.txt"), `${run.command}\n\n${planText(run.plan)}\n`);
  const spoolPuts: SpoolPut[] = [];
  say(
    `seed ${run.seed}: ${run.plan.length} faults in ${Math.ceil(endOf(run.plan) / 1_000)} s, ${run.rate} views/s`,
  );
  const verdict = await withLab((lab) => runChaos(lab, { ...run, spoolPuts, say }), {
    ...{ defect: undefined, logs, stopped },
    onSpoolPut: (put) => spoolPuts.push(put),
    onSabotaged: () => {},
  });
  if (verdict === undefined) {
    await removeLogs(logs);
    return undefined;
  }
  print(report(verdict));
  if (isPassed(verdict)) await removeLogs(logs);
  else print(`Logs and schedule: ${logs}\nTo repeat it: ${run.command}`);
  return isPassed(verdict);
}
