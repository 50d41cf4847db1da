import type { Verdict } from "../check/verdict.ts";
import { table } from "../report.ts";
import { type RunOnceOptions, runInLab } from "../run-once.ts";
import type { Run } from "../runs.ts";
import { brokenCode } from "./mutated-code.ts";
import type { Defect, ScenarioName } from "./mutant.ts";
import { SCENARIOS } from "./scenarios.ts";
import { CAUGHT, NOT_TRIED, PASSED, wordFor } from "./word-for.ts";

/** Views per second. */
const RATE = 300;
/** Milliseconds that a sabotaged system may take to become empty before it counts as stuck. */
const DRAIN_MS_MAX = 20_000;

/**
 * Runs the faults that each defect needs, once with the system as it is, which has to pass, and once with each defect
 * built in, which must not. Prints a table; says whether all went so, and undefined when it was stopped.
 */
export async function runSabotage(
  defects: readonly Defect[],
  { seed, ...options }: RunOnceOptions & { seed: number },
): Promise<boolean | undefined> {
  const scenarios = [...new Set(defects.map(({ scenario }) => scenario))];
  const rows: string[][] = [];
  let isAllRight = true;
  for (const [name, defect] of [
    ...scenarios.map((scenario) => [scenario, undefined] as const),
    ...defects.map((each) => [each.scenario, each] as const),
  ]) {
    options.say(`--- ${defect === undefined ? `undamaged: ${name}` : `${defect.name}: ${defect.what}`}`);
    const outcome = await runInLab(runOf(name, seed), { ...options, defect });
    if (outcome === undefined) return undefined;
    const word = wordFor(defect, { ...outcome, broken: await brokenCode(outcome.logs) });
    const isRight = word === (defect === undefined ? PASSED : CAUGHT) || word === NOT_TRIED;
    isAllRight &&= isRight;
    rows.push([defect?.name ?? "none", name, word, reasons(outcome.verdict)]);
    if (!isRight) options.print(`Logs of ${defect?.name ?? name}: ${outcome.logs}`);
    else await outcome.removeLogs();
  }
  const caught = rows.filter(([, , word]) => word === CAUGHT).length;
  const notTried = rows.filter(([, , word]) => word === NOT_TRIED).length;
  options.print(
    [
      "",
      ...table([["defect", "faults", "", "what did not hold"], ...rows]),
      "",
      `${caught} of ${defects.length} defects caught${notTried === 0 ? "" : `, ${notTried} not tried`}.`,
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
    command: `npm run chaos -- --sabotage --seed ${seed}`,
  };
}

function reasons({ checks, leftOut }: Verdict): string {
  const failed = checks.filter(({ isMet }) => !isMet).map(({ name, found }) => `${name}: ${found}`);
  return [...leftOut, ...failed].join("; ");
}
