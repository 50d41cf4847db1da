import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { UsageError } from "@model-views/shared/runtime/run-command.ts";
import type { Mutant } from "./lab/mutant.ts";
import { MUTANTS } from "./mutation/mutants.ts";
import { FAULT_NAMES, type FaultName } from "./plan/faults.ts";
import { type PlannedFault, planFaults } from "./plan/plan.ts";

export type Outage = { store: "redis" | "postgres"; seconds: number };

export type ChaosCommand = {
  seed: number;
  /** Undefined: the short run. */
  minutes: number | undefined;
  /** Views per second; undefined: the default of the kind of run. */
  rate: number | undefined;
  /** Processes to kill; undefined: some 20 a minute. */
  kills: number | undefined;
  only: readonly FaultName[] | undefined;
  outage: Outage | undefined;
  /** Mutants to build in, one run each; undefined: a run without mutants. */
  mutants: readonly Mutant[] | undefined;
  /** Only print the schedule. */
  plan: boolean;
};

const LIMITS = { minutes: 24 * 60, rate: 2_000, kills: 100_000, seconds: 3_600, seed: 2 ** 31 - 1 };
const OUTAGE_SECONDS = 60;

/** @throws {UsageError} when an option or number is wrong. */
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
    throw new UsageError(`Unknown argument ${positionals.join(" ")}; see --help`);
  }
  if (values.seconds !== undefined && values.outage === undefined) {
    throw new UsageError("--seconds needs --outage");
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
    throw new UsageError(`Unknown fault "${name}". The faults are: ${FAULT_NAMES.join(", ")}`);
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
      `Unknown mutant "${name}". The mutants are: ${MUTANTS.map((each) => each.name).join(", ")}`,
    );
  });
}

/** One run of the whole system. */
export type Run = {
  seed: number;
  /** Views per second. */
  rate: number;
  plan: readonly PlannedFault[];
  drainMsMax: number;
  /** The command that repeats it. */
  command: string;
};

/** Every kind of fault on every target once, in a time that a developer can wait for. */
const SHORT = { mixedMs: 45_000, rate: 300, killsAlone: 2, drainMsMax: 40_000 };
const LONG = { rate: 400, killsAlone: 4, drainMsMax: 180_000 };
const OUTAGE = { rate: 1_000, atMs: 5_000, drainMsMax: 300_000 };
const KILLS_A_MINUTE = 20;
const MINUTE_MS = 60_000;

/** The run that a command describes. */
export function runOf({ seed, minutes, rate, kills, only, outage }: ChaosCommand): Run {
  const words = ["npm run chaos -- --seed", seed];
  if (minutes !== undefined) words.push("--minutes", minutes);
  if (rate !== undefined) words.push("--rate", rate);
  if (kills !== undefined) words.push("--kills", kills);
  if (only !== undefined) words.push("--only", only.join(","));
  if (outage !== undefined) words.push("--outage", outage.store, "--seconds", outage.seconds);
  const command = words.join(" ");
  if (outage !== undefined) {
    const [fault, target] = [`kill-${outage.store}` as const, outage.store];
    const plan = [{ atMs: OUTAGE.atMs, fault, target, durationMs: outage.seconds * 1_000, isAlone: false }];
    return { seed, rate: rate ?? OUTAGE.rate, plan, drainMsMax: OUTAGE.drainMsMax, command };
  }
  const length = minutes === undefined ? SHORT : { ...LONG, mixedMs: minutes * MINUTE_MS };
  const plan = planFaults({
    seed,
    mixedMs: length.mixedMs,
    killsAlone: length.killsAlone,
    kills: kills ?? Math.round((KILLS_A_MINUTE * length.mixedMs) / MINUTE_MS),
    only,
  });
  return { seed, rate: rate ?? length.rate, plan, drainMsMax: length.drainMsMax, command };
}
