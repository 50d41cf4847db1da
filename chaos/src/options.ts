import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { UsageError } from "@model-views/shared/runtime/run-command.ts";
import { FAULT_NAMES, type FaultName } from "./plan/faults.ts";
import type { Defect } from "./mutation/mutant.ts";
import { DEFECTS } from "./mutation/mutants.ts";

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
  /** Defects to build in, one run each; undefined: none, a run of the system as it is. */
  sabotage: readonly Defect[] | undefined;
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
      sabotage: { type: "boolean", default: false },
      plan: { type: "boolean", default: false },
    },
  });
  if (positionals.length > 0 && !values.sabotage) {
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
    sabotage: values.sabotage ? defects(positionals) : undefined,
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

function defects(names: readonly string[]): readonly Defect[] {
  if (names.length === 0) return DEFECTS;
  return names.map((name) => {
    const known = DEFECTS.find((defect) => defect.name === name);
    if (known !== undefined) return known;
    throw new UsageError(
      `There is no defect "${name}". There are: ${DEFECTS.map((each) => each.name).join(", ")}`,
    );
  });
}
