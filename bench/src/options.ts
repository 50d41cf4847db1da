import { parseArgs } from "node:util";
import { UsageError } from "@model-views/shared/runtime/run-command.ts";

const COMPARISONS = ["ingest", "worker", "stats"] as const;
/** Stats needs gigabytes and, the first time, a quarter of an hour: only when it is named. */
const USUAL: readonly string[] = ["ingest", "worker"];
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
  /** Rounds that count; undefined: each comparison's own number. */
  rounds: number | undefined;
  /** How long one side's turn at ingest takes, about. */
  seconds: number;
  /** Views that statistics are asked of. */
  views: number;
};

/** @throws {UsageError} when the words or numbers are not right. */
export function parseBenchOptions(args: string[]): BenchOptions {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { rounds: { type: "string" }, seconds: { type: "string" }, views: { type: "string" } },
  });
  const wrong = positionals.filter((name) => !COMPARISONS.some((known) => known === name));
  if (wrong.length > 0) {
    throw new UsageError(
      `There is no comparison ${wrong.join(", ")}: give ${COMPARISONS.join(", ")}, or none for ${USUAL.join(" and ")}`,
    );
  }
  return {
    comparisons: COMPARISONS.filter((name) =>
      (positionals.length === 0 ? USUAL : positionals).includes(name),
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
