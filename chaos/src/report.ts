import { type Check, EXAMPLES_MAX, isPassed, type Verdict } from "./check/verdict.ts";
import { PROXIES } from "./plan/faults.ts";
import type { PlannedFault } from "./plan/plan.ts";

/** The verdict as text, for people: the summary, then the checks, then what is wrong. */
export function report(verdict: Verdict): string {
  const { checks, summary, leftOut } = verdict;
  const results = checks.map(({ name, found, isMet }) => [name, found, isMet ? "ok" : "FAILED"]);
  const failed = checks.filter(({ isMet }) => !isMet);
  return [
    "",
    ...table(summary),
    "",
    ...table(results),
    "",
    ...failed.flatMap(examples),
    ...leftOut.map((fault) => `NOT TRIED: ${fault}`),
    isPassed(verdict) ? "Passed." : `Failed: ${failed.length} of ${checks.length} checks.`,
    "",
  ].join("\n");
}

/** The schedule as text, one fault a line. */
export function planText(plan: readonly PlannedFault[]): string {
  const rows = plan.map(({ atMs, fault, target, durationMs, isAlone }) => [
    `${(atMs / 1_000).toFixed(2)} s`,
    fault,
    target === "model" || PROXIES.every((proxy) => proxy !== target) ? target : `proxy ${target}`,
    `${durationMs} ms`,
    isAlone ? "alone" : "",
  ]);
  return table(rows).join("\n");
}

export function table(rows: readonly (readonly string[])[]): string[] {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

function examples({ name, examples: all }: Check): string[] {
  const more = all.length - EXAMPLES_MAX;
  return [
    `${name}:`,
    ...all.slice(0, EXAMPLES_MAX).map((example) => `  ${example}`),
    ...(more > 0 ? [`  and ${more} more`] : []),
    "",
  ];
}
