import type { Interval, TimeseriesAnswer } from "@model-views/shared/contracts/timeseries.ts";
import { LineChart } from "../../charts/line-chart.tsx";
import { stepsOf } from "../../charts/steps.ts";
import { formatBucket } from "../../format/dates.ts";
import { formatCount } from "../../format/numbers.ts";
import type { ComparedModel } from "./compared-models.ts";
import { lineUp, toIndex } from "./line-up.ts";

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
    <LineChart
      label={`${LABELS[metric]} of each model by ${answer.interval}`}
      steps={stepsOf(answer)}
      lines={lines.map(toLine)}
      format={formatCount}
      isLastOpen={isOpen}
    />
  );
}

/** Each model against its own beginning: which one has grown more, however large they are. */
export function IndexedChart({ lines, answer, metric, isOpen }: ChartProps) {
  const { items, interval, from } = answer;
  const isCut = Date.parse(items[0]?.start ?? from) < Date.parse(from);
  const isWhole = (bucket: number) => !(isCut && bucket === 0) && !(isOpen && bucket === items.length - 1);
  const { series, bases } = toIndex(
    lines.map(({ values }) => values),
    isWhole,
  );
  return (
    <>
      <LineChart
        label={`${LABELS[metric]} of each model by ${interval}, in percent of its first ${interval}`}
        steps={stepsOf(answer)}
        lines={lines.map((line, index) => toLine({ ...line, values: series[index] ?? [] }))}
        format={(value) => formatCount(value === null ? null : Math.round(value))}
        isLastOpen={isOpen}
        reference={100}
      />
      <p className="muted">
        100 is the first whole {interval} with {metric}.{" "}
        {lines
          .map(({ name, values }, index) => `${name}: ${baseText(answer, values, bases[index])}`)
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
  const [{ length } = []] = series;
  const unit = UNITS[interval];
  const steps = Array.from({ length: length ?? 0 }, (_, index) => {
    const name = `${unit} ${index + 1}`;
    return { name, short: name };
  });
  const atBegin = lines.filter((_, index) => firsts[index] === 0).map(({ name }) => name);
  return (
    <>
      <LineChart
        label={`${LABELS[metric]} of each model by ${interval} since its first ${interval} with ${metric}`}
        steps={steps}
        lines={lines.map((line, index) => toLine({ ...line, values: series[index] ?? [] }))}
        format={formatCount}
      />
      <p className="muted">
        {unit} 1 is each model’s first {interval} with {metric} in this period.{" "}
        {lines
          .map(({ name }, index) => {
            const start = items[firsts[index] ?? -1]?.start;
            return `${name}: ${start === undefined ? "none" : formatBucket(start, interval, tz)}`;
          })
          .join("; ")}
        .
        {atBegin.length > 0 &&
          ` ${and.format(atBegin)} had ${metric} when the period began: choose a longer one to see their real beginning.`}
        {isOpen && ` The last ${interval} of each line is until now.`}
      </p>
    </>
  );
}

const LABELS = { views: "Views", viewers: "Viewers" } as const;
const UNITS: Readonly<Record<Interval, string>> = { hour: "Hour", day: "Day", week: "Week", month: "Month" };
const and = new Intl.ListFormat("en");

function toLine({ modelId, name, color, values }: ChartProps["lines"][number]) {
  return { key: modelId, label: name, color, values };
}

function baseText(
  { items, interval, tz }: TimeseriesAnswer,
  values: readonly (number | null)[],
  base: number | undefined,
): string {
  const start = items[base ?? -1]?.start;
  if (base === undefined || start === undefined) return "none";
  return `${formatBucket(start, interval, tz)} (${formatCount(values[base])})`;
}
