import type { Comparison } from "./comparison.ts";
import type { Spread } from "./statistics.ts";

const MIB = 1024 * 1024;

/** The comparison as text, for people: speeds, then the ratios that count, then memory. */
export function report({ title, sides, ratios, peakMemory, notes }: Comparison): string {
  const ours = sides[0]?.name ?? "";
  const rates = sides.map(({ name, rate, cpu }) => [
    name,
    whole(rate.median),
    range(rate, whole),
    cpu.program === undefined ? "–" : cpu.program.toFixed(1),
    cpu.redis.toFixed(1),
  ]);
  const compared = ratios.map(({ target, spread, perRound }) => [
    `${ours} / ${target.against}`,
    ratio(spread.median),
    range(spread, ratio),
    perRound.map(ratio).join(" "),
    `≥ ${ratio(target.ratioMin)}`,
    verdict(spread.median >= target.ratioMin),
  ]);
  return [
    title,
    "",
    ...table([["views/s", "median", "min–max", "CPU µs/view", "of Redis"], ...rates]),
    "",
    ...table([["ratio", "median", "min–max", "round by round", "target", ""], ...compared]),
    "",
    memoryLine(peakMemory),
    ...notes,
    "",
  ].join("\n");
}

/** The targets that were missed, in words. */
export function missedTargets({ sides, ratios, peakMemory }: Comparison): string[] {
  const ours = sides[0]?.name ?? "";
  const slow = ratios.flatMap(({ target: { against, ratioMin }, spread: { median } }) =>
    median >= ratioMin
      ? []
      : [`${ours} is ${ratio(median)} times as fast as "${against}", and should be ${ratio(ratioMin)} times`],
  );
  const { name, bytes = 0, bytesMax } = peakMemory;
  return bytes < bytesMax
    ? slow
    : [...slow, `${name} took ${mib(bytes)}, and should stay below ${mib(bytesMax)}`];
}

function memoryLine({ name, bytes, bytesMax }: Comparison["peakMemory"]): string {
  const found = bytes === undefined ? "not measured, because there is no ps here" : mib(bytes);
  const result = bytes === undefined ? "" : ` ${verdict(bytes < bytesMax)}`;
  return `Peak resident memory of ${name}, seen by ps twice a second: ${found} (target: < ${mib(bytesMax)})${result}`;
}

/** Rows as lines of aligned columns, the first to the left. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const columns = Math.max(...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd(),
  );
}

function range({ min, max }: Spread, format: (value: number) => string): string {
  return `${format(min)}–${format(max)}`;
}

const whole = (value: number) => Math.round(value).toLocaleString("en");
const ratio = (value: number) => value.toFixed(2);
const mib = (bytes: number) => `${Math.round(bytes / MIB)} MiB`;
const verdict = (isMet: boolean) => (isMet ? "met" : "MISSED");
