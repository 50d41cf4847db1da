import type { Interval } from "@model-views/shared/contracts/timeseries.ts";
import { type ReactNode, useMemo } from "react";
import { formatBucket } from "../format/dates.ts";
import { changeOf, formatCount } from "../format/numbers.ts";
import { LineChart } from "./line-chart.tsx";
import type { Line } from "./lines.ts";
import { stepsOf } from "./steps.ts";
import { timeTicks } from "./time-ticks.ts";

export type TimeChartProps = {
  label: string;
  buckets: readonly { start: string }[];
  interval: Interval;
  tz: string;
  /** Whether the last bucket still grows. */
  isOpen: boolean;
  height: number;
  /** A null is a count that retention has removed. */
  series: readonly Line[];
  /** An earlier period: its buckets stand at the places of those of this one. */
  comparison?: { label: string; starts: readonly string[]; values: readonly (number | null)[] };
  onSelect?: (first: number, last: number) => void;
  beside?: ReactNode;
};

/** Why a count is null: the stats API has no other reason. */
const REMOVED = "removed by retention";

/** Counts over time, with those of an earlier period behind them. */
export function TimeChart({ buckets, interval, tz, isOpen, series, comparison, ...more }: TimeChartProps) {
  const steps = useMemo(() => stepsOf({ items: buckets, interval, tz }), [buckets, interval, tz]);
  const ticks = useMemo(
    () => (width: number) => timeTicks({ items: buckets, interval, tz, width }),
    [buckets, interval, tz],
  );
  const lines = useMemo(
    () => linesOf({ buckets, interval, tz, series, comparison }),
    [buckets, interval, tz, series, comparison],
  );
  const hasGaps = series.some(({ values }) => values.includes(null));
  return (
    <>
      <LineChart
        {...more}
        steps={steps}
        ticks={ticks}
        lines={lines}
        format={formatCount}
        isLastOpen={isOpen}
        hasLegend={lines.length > 1}
      />
      {hasGaps && <p className="muted">Gaps: retention has removed what an exact count needs.</p>}
    </>
  );
}

function linesOf({
  buckets,
  interval,
  tz,
  series,
  comparison,
}: Pick<TimeChartProps, "buckets" | "interval" | "tz" | "series"> & {
  comparison: TimeChartProps["comparison"];
}): Line[] {
  const now = series.map((line, place) => ({
    ...line,
    noteAt: (index: number) => {
      const value = line.values[index] ?? null;
      if (value === null) return REMOVED;
      // The earlier period is that of the first series.
      return place === 0 ? changeOf(value, comparison?.values[index])?.text : undefined;
    },
  }));
  if (comparison === undefined) return now;
  const { label, starts, values } = comparison;
  return [
    ...now,
    {
      key: "before",
      label,
      color: "var(--before)",
      // As many as there are places: an earlier period may have an hour more, or one less.
      values: buckets.map((_, index) => values[index] ?? null),
      nameAt: (index) => {
        const start = starts[index];
        return start === undefined ? "" : formatBucket(start, interval, tz);
      },
      noteAt: (index) => (starts[index] !== undefined && values[index] === null ? REMOVED : undefined),
      dash: "4 4",
    },
  ];
}
