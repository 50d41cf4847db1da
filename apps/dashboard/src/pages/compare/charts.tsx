import type { TimeseriesAnswer } from "@model-views/shared/contracts/timeseries.ts";
import { TimeChart } from "../../charts/time-chart.tsx";
import { formatBucket } from "../../format/dates.ts";
import { formatCount } from "../../format/numbers.ts";
import { CHART_HEIGHT } from "./chart-height.ts";
import type { ComparedModel } from "./compared-models.ts";
import { lineUp, toIndex } from "./line-up.ts";
import { StepChart } from "./step-chart.tsx";

export type ChartProps = {
  lines: readonly (ComparedModel & { values: readonly (number | null)[] })[];
  /** Of the first model: the buckets are the same for all. */
  answer: TimeseriesAnswer;
  metric: "views" | "viewers";
  isOpen: boolean;
};

/** The numbers as they are. */
export function AbsoluteChart({ lines, answer, metric, isOpen }: ChartProps) {
  return (
    <TimeChart
      label={`${metric === "views" ? "Views" : "Viewers"} of each model by ${answer.interval}`}
      {...axisOf(answer, isOpen)}
      series={lines.map(({ modelId, name, color, values }) => ({
        key: modelId,
        label: name,
        values,
        color,
        shape: "line",
      }))}
    />
  );
}

/** Each model against its own beginning: who has grown more, however large they are. */
export function IndexedChart({ lines, answer, metric, isOpen }: ChartProps) {
  const { items, interval, tz, from } = answer;
  const last = items.length - 1;
  const isWhole = (bucket: number) =>
    !(bucket === 0 && Date.parse(items[0]?.start ?? from) < Date.parse(from)) && !(isOpen && bucket === last);
  const { series, bases } = toIndex(
    lines.map(({ values }) => values),
    isWhole,
  );
  return (
    <>
      <TimeChart
        label={`${metric === "views" ? "Views" : "Viewers"} of each model by ${interval}, as percents of its first ${interval}`}
        {...axisOf(answer, isOpen)}
        series={lines.map(({ modelId, name, color }, index) => ({
          key: modelId,
          label: name,
          values: series[index]?.map((value) => (value === null ? null : Math.round(value))) ?? [],
          color,
          shape: "line",
        }))}
      />
      <p className="muted">
        100 is the first whole {interval} with {metric}:{" "}
        {lines
          .map(({ name, values }, index) => {
            const base = bases[index];
            const start = base === undefined ? undefined : items[base]?.start;
            if (base === undefined || start === undefined) return `${name} has none`;
            return `${name} ${formatBucket(start, interval, tz)} (${formatCount(values[base])})`;
          })
          .join("; ")}
        .
      </p>
    </>
  );
}

/** Each model from its first bucket with views on. */
export function SinceChart({ lines, answer, metric, isOpen }: ChartProps) {
  const { items, interval, tz } = answer;
  const { series, firsts } = lineUp(lines.map(({ values }) => values));
  const fromFirst = lines.filter((_, index) => firsts[index] === 0).map(({ name }) => name);
  return (
    <>
      <StepChart
        label={`${metric === "views" ? "Views" : "Viewers"} of each model by ${interval} since its first ${interval} with views`}
        unit={interval}
        height={CHART_HEIGHT}
        lines={lines.map((line, index) => ({ ...line, values: series[index] ?? [] }))}
      />
      <p className="muted">
        {`${capitalized(interval)} 1 of each model is its first ${interval} with ${metric} in this period: `}
        {lines
          .map(({ name }, index) => {
            const start = items[firsts[index] ?? -1]?.start;
            return `${name} ${start === undefined ? "is not known" : formatBucket(start, interval, tz)}`;
          })
          .join("; ")}
        .
        {fromFirst.length > 0 &&
          ` The period begins with views of ${and.format(fromFirst)}: choose a longer one to see whether there were earlier ones.`}
        {isOpen && ` The last ${interval} of each line still grows.`}
      </p>
    </>
  );
}

const and = new Intl.ListFormat("en");

function axisOf(answer: TimeseriesAnswer, isOpen: boolean) {
  const { items, interval, tz, asOf } = answer;
  return { buckets: items, interval, tz, asOf, isOpen, height: CHART_HEIGHT };
}

function capitalized(word: string): string {
  return `${word.charAt(0).toUpperCase()}${word.slice(1)}`;
}
