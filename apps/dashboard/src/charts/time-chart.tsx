import type { Interval } from "@model-views/shared/contracts/timeseries.ts";
import type { ReactNode } from "react";
import { formatBucket } from "../format/dates.ts";
import { formatCount } from "../format/numbers.ts";
import { type Line, LineChart } from "./line-chart.tsx";
import { stepsOf } from "./steps.ts";

export type TimeChartProps = {
  label: string;
  buckets: readonly { start: string }[];
  interval: Interval;
  tz: string;
  /** Whether the last bucket still grows. */
  isOpen: boolean;
  height: number;
  series: readonly Line[];
  /** An earlier period: its buckets stand at the places of those of this one. */
  comparison?: { label: string; starts: readonly string[]; values: readonly (number | null)[] };
  onSelect?: (first: number, last: number) => void;
  beside?: ReactNode;
};

/** Counts over time, with those of an earlier period behind them. */
export function TimeChart({ buckets, interval, tz, isOpen, series, comparison, ...more }: TimeChartProps) {
  const before: Line[] =
    comparison === undefined
      ? []
      : [
          {
            key: "before",
            label: comparison.label,
            color: "var(--before)",
            // As many as there are places: an earlier period may have an hour more.
            values: buckets.map((_, index) => comparison.values[index] ?? null),
            names: buckets.map((_, index) => {
              const start = comparison.starts[index];
              return start === undefined ? "" : formatBucket(start, interval, tz);
            }),
            dash: "4 4",
          },
        ];
  return (
    <LineChart
      {...more}
      steps={stepsOf({ items: buckets, interval, tz })}
      lines={[...series, ...before]}
      format={formatCount}
      isLastOpen={isOpen}
    />
  );
}
