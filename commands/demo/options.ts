import { parseArgs } from "node:util";
import { UsageError } from "@model-views/shared/runtime/run-command.ts";
import { WORLD_DEFAULTS } from "./world/world.ts";

const PER_SECOND = 2;
const PER_SECOND_MAX = 200;

export type DemoOptions = {
  /** Drops the data of earlier runs first. */
  fresh: boolean;
  /** Views a second, on the average of a day; 0 for none. */
  perSecond: number;
  /** How large a new world is. */
  days: number;
  views: number;
};

/** @throws {UsageError} when a value is wrong. */
export function demoOptions(args: string[]): DemoOptions {
  const { values } = parseArgs({
    args,
    allowNegative: true,
    options: {
      fresh: { type: "boolean", default: false },
      traffic: { type: "boolean", default: true },
      rate: { type: "string", default: String(PER_SECOND) },
      // For tests, so not in the help.
      days: { type: "string", default: String(WORLD_DEFAULTS.days) },
      views: { type: "string", default: String(WORLD_DEFAULTS.views) },
    },
  });
  const perSecond = numberIn("--rate", values.rate, 0, PER_SECOND_MAX);
  return {
    fresh: values.fresh,
    perSecond: values.traffic ? perSecond : 0,
    days: Math.floor(numberIn("--days", values.days, 1, 400)),
    views: Math.floor(numberIn("--views", values.views, 1, 5_000_000)),
  };
}

function numberIn(option: string, given: string, min: number, max: number): number {
  const number = Number(given);
  if (given.trim() !== "" && number >= min && number <= max) return number;
  throw new UsageError(`${option} takes a number from ${min} to ${max}: ${given}`);
}
