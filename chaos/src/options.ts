import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { UsageError } from "@model-views/shared/runtime/run-command.ts";
import type { Mutant } from "./mutation/mutant.ts";
import { MUTANTS } from "./mutation/mutants.ts";
import { FAULT_NAMES, type FaultName } from "./plan/faults.ts";

export type Outage = { store: "redis" | "postgres"; seconds: number };

export type ChaosCommand = {
  seed: number;
  /** Undefined: the short run. */
  minutes: number | undefined;
  /** Views per second; undefined: what suits the kind of run. */
  rate: number | undefined;
  /** Processes to kill; undefined: some 20 a minute. */
  kills: number | undefined;
  only: readonly FaultName[] | undefined;
  outage: Outage | undefined;
  /** Mutants to build in, one run each; undefined: none, a run of the system as it is. */
  mutants: readonly Mutant[] | undefined;
  /** Print the schedule and do no more. */
  plan: boolean;
};

const LIMITS = { minutes: 24 * 60, rate: 2_000, kills: 100_000, seconds: 3_600, seed: 2 ** 31 - 1 };
const OUTAGE_SECONDS = 60;

/** @throws {UsageError} when the words or numbers are not right. */
export function parseChaosOptions(args: string[]): ChaosCommand {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      minutes: { type: "string" },
      seed: { type: "string" },
      rate: { type: "string" },
      kills: { type: "string" },
      only: { type: "string" },
      outage: { type: "string" },
      seconds: { type: "string" },
      mutants: { type: "boolean", default: false },
      // Its former name.
      sabotage: { type: "boolean", default: false },
      plan: { type: "boolean", default: false },
    },
  });
  const isMutationRun = values.mutants || values.sabotage;
  if (positionals.length > 0 && !isMutationRun) {
    throw new UsageError(`There is no ${positionals.join(" ")}; --help tells what there is`);
  }
  if (values.seconds !== undefined && values.outage === undefined) {
    throw new UsageError("--seconds is for --outage");
  }
  return {
    seed: whole("seed", values.seed) ?? randomInt(1, LIMITS.seed),
    minutes: whole("minutes", values.minutes),
    rate: whole("rate", values.rate),
    kills: whole("kills", values.kills),
    only: values.only === undefined ? undefined : faultNames(values.only),
    outage:
      values.outage === undefined
        ? undefined
        : { store: storeName(values.outage), seconds: whole("seconds", values.seconds) ?? OUTAGE_SECONDS },
    mutants: isMutationRun ? mutantsNamed(positionals) : undefined,
    plan: values.plan,
  };
}

function whole(name: keyof typeof LIMITS, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d{1,10}$/.test(text) && value >= 1 && value <= LIMITS[name]) return value;
  throw new UsageError(`--${name} must be a whole number from 1 to ${LIMITS[name]}`);
}

function faultNames(text: string): FaultName[] {
  return text.split(",").map((name) => {
    const known = FAULT_NAMES.find((each) => each === name.trim());
    if (known !== undefined) return known;
    throw new UsageError(`There is no fault "${name}". There are: ${FAULT_NAMES.join(", ")}`);
  });
}

function storeName(text: string): Outage["store"] {
  if (text === "redis" || text === "postgres") return text;
  throw new UsageError("--outage must be redis or postgres");
}

function mutantsNamed(names: readonly string[]): readonly Mutant[] {
  if (names.length === 0) return MUTANTS;
  return names.map((name) => {
    const known = MUTANTS.find((mutant) => mutant.name === name);
    if (known !== undefined) return known;
    throw new UsageError(
      `There is no mutant "${name}". There are: ${MUTANTS.map((each) => each.name).join(", ")}`,
    );
  });
}
