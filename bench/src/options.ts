import { parseArgs } from "node:util";
import { UsageError } from "@model-views/shared/runtime/run-command.ts";

const COMPARISONS = ["ingest", "worker", "stats"] as const;
/** Without stats: it needs gigabytes and, the first time, a quarter of an hour. */
const DEFAULT: readonly string[] = ["ingest", "worker"];
export type ComparisonName = (typeof COMPARISONS)[number];

const ROUNDS_MAX = 50;
/** A turn fills Redis with some 10 MB a second. */
const SECONDS_MAX = 30;
const SECONDS = 5;
/** As many views as fit into a few gigabytes. */
const VIEWS_MAX = 50_000_000;
const VIEWS = 10_000_000;

export type BenchOptions = {
  /** In the order in which they run. */
  comparisons: readonly ComparisonName[];
  /** Rounds that count; undefined: the default of each comparison. */
  rounds: number | undefined;
  /** Approximate length of one side's turn at ingest. */
  seconds: number;
  /** Views of the data set for stats. */
  views: number;
};

/** @throws {UsageError} when an option or number is wrong. */
export function parseBenchOptions(args: string[]): BenchOptions {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { rounds: { type: "string" }, seconds: { type: "string" }, views: { type: "string" } },
  });
  const wrong = positionals.filter((name) => !COMPARISONS.some((known) => known === name));
  if (wrong.length > 0) {
    throw new UsageError(
      `Unknown comparison ${wrong.join(", ")}: give ${COMPARISONS.join(", ")}, or none for ${DEFAULT.join(" and ")}`,
    );
  }
  return {
    comparisons: COMPARISONS.filter((name) =>
      (positionals.length === 0 ? DEFAULT : positionals).includes(name),
    ),
    rounds: values.rounds === undefined ? undefined : wholeNumber("--rounds", values.rounds, ROUNDS_MAX),
    seconds: values.seconds === undefined ? SECONDS : wholeNumber("--seconds", values.seconds, SECONDS_MAX),
    views: values.views === undefined ? VIEWS : wholeNumber("--views", values.views, VIEWS_MAX),
  };
}

function wholeNumber(name: string, text: string, max: number): number {
  const value = Number(text);
  if (/^\d{1,9}$/.test(text) && value >= 1 && value <= max) return value;
  throw new UsageError(`${name} must be a whole number from 1 to ${max}`);
}
