import type { Verdict } from "../check/verdict.ts";
import { table } from "../report.ts";
import { type RunOnceOptions, runInLab } from "../run-once.ts";
import type { Run } from "../runs.ts";
import type { Mutant, ScenarioName } from "./mutant.ts";
import { brokenCode } from "./mutated-code.ts";
import { SCENARIOS } from "./scenarios.ts";
import { CAUGHT, NOT_TRIED, PASSED, wordFor } from "./word-for.ts";

/** Views per second. */
const RATE = 300;
/** Milliseconds that a mutated system may take to become empty before it counts as stuck. */
const DRAIN_MS_MAX = 20_000;

/**
 * Runs the faults that each mutant needs, once with the system as it is, which has to pass, and once with each mutant
 * built in, which must not. Prints a table; says whether all went so, and undefined when it was stopped.
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
    options.say(`--- ${mutant === undefined ? `undamaged: ${name}` : `${mutant.name}: ${mutant.what}`}`);
    const outcome = await runInLab(runOf(name, seed), { ...options, mutant });
    if (outcome === undefined) return undefined;
    const word = wordFor(mutant, { ...outcome, broken: await brokenCode(outcome.logs) });
    const isRight = word === (mutant === undefined ? PASSED : CAUGHT) || word === NOT_TRIED;
    isAllRight &&= isRight;
    rows.push([mutant?.name ?? "none", name, word, reasons(outcome.verdict)]);
    if (!isRight) options.print(`Logs of ${mutant?.name ?? name}: ${outcome.logs}`);
    else await outcome.removeLogs();
  }
  const caught = rows.filter(([, , word]) => word === CAUGHT).length;
  const notTried = rows.filter(([, , word]) => word === NOT_TRIED).length;
  options.print(
    [
      "",
      ...table([["mutant", "faults", "", "what did not hold"], ...rows]),
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
