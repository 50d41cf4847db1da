import type { Verdict } from "./check/verdict.ts";
import type { Mutant, ScenarioName } from "./lab/mutant.ts";
import { brokenCode, CAUGHT, NOT_TRIED, outcomeOf, PASSED } from "./mutation/outcome.ts";
import { SCENARIOS } from "./mutation/scenarios.ts";
import type { Run } from "./options.ts";
import { table } from "./report.ts";
import { type RunOnceOptions, runInLab } from "./run-once.ts";

/** Views per second. */
const RATE = 300;
/** Milliseconds in which a system with a mutant must drain before it counts as stuck. */
const DRAIN_MS_MAX = 20_000;

/**
 * Runs the faults that each mutant needs: once without a mutant, which must pass, and once with each mutant, which must be
 * caught. Prints a table. Resolves with whether all went as it must, and with undefined when it was stopped.
 */
export async function runMutation(
  mutants: readonly Mutant[],
  { seed, ...options }: RunOnceOptions & { seed: number },
): Promise<boolean | undefined> {
  const scenarios = [...new Set(mutants.map(({ scenario }) => scenario))];
  const rows: string[][] = [];
  let isAllRight = true;
  for (const [name, mutant] of [
    ...scenarios.map((scenario) => [scenario, undefined] as const),
    ...mutants.map((each) => [each.scenario, each] as const),
  ]) {
    options.log(
      `--- ${mutant === undefined ? `no mutant, faults ${name}` : `${mutant.name}: ${mutant.what}`}`,
    );
    const finished = await runInLab(runOf(name, seed), { ...options, mutant });
    if (finished === undefined) return undefined;
    const outcome = outcomeOf(mutant, { ...finished, broken: await brokenCode(finished.logs) });
    const isRight = outcome === (mutant === undefined ? PASSED : CAUGHT) || outcome === NOT_TRIED;
    isAllRight &&= isRight;
    rows.push([mutant?.name ?? "none", name, outcome, reasons(finished.verdict)]);
    if (!isRight) options.print(`Logs of ${mutant?.name ?? name}: ${finished.logs}`);
    else await finished.removeLogs();
  }
  const caught = rows.filter(([, , outcome]) => outcome === CAUGHT).length;
  const notTried = rows.filter(([, , outcome]) => outcome === NOT_TRIED).length;
  options.print(
    [
      "",
      ...table([["mutant", "faults", "", "checks that failed"], ...rows]),
      "",
      `${caught} of ${mutants.length} mutants caught${notTried === 0 ? "" : `, ${notTried} not tried`}.`,
    ].join("\n"),
  );
  return isAllRight;
}

function runOf(scenario: ScenarioName, seed: number): Run {
  const plan = SCENARIOS[scenario];
  return {
    seed,
    rate: RATE,
    plan,
    drainMsMax: DRAIN_MS_MAX,
    command: `npm run chaos -- --mutants --seed ${seed}`,
  };
}

function reasons({ checks, leftOut }: Verdict): string {
  const failed = checks.filter(({ isMet }) => !isMet).map(({ name, found }) => `${name}: ${found}`);
  return [...leftOut, ...failed].join("; ");
}
