/** Undefined: the reader's. */
const locale = undefined;

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"] as const;

/** `1.2 GB`, by powers of 1,000. */
export function formatBytes(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), UNITS.length - 1);
  return new Intl.NumberFormat(locale, {
    style: "unit",
    unit: UNITS[power],
    unitDisplay: "short",
    maximumSignificantDigits: 3,
  }).format(bytes / 1_000 ** power);
}

/** `2 hours`, `40 seconds`: the largest unit, rounded down. */
export function formatDuration(seconds: number): string {
  const [unit, length] = DURATIONS.find(([, each]) => seconds >= each) ?? (["second", 1] as const);
  return new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "long" }).format(
    Math.floor(seconds / length),
  );
}

const DURATIONS = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
] as const;
