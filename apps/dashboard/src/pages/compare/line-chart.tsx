import { scaleLinear } from "d3-scale";
import { line as lineOf } from "d3-shape";
import { type KeyboardEvent, type PointerEvent, useId, useState } from "react";
import { formatShort } from "../../format/numbers.ts";
import styles from "./line-chart.module.css";
import { LineReading, readingText } from "./line-reading.tsx";
import { nearestStep, shownTicks, topOf } from "./line-scale.ts";
import { LineTable } from "./line-table.tsx";
import { useWidth } from "./use-width.ts";

export type Line = { key: string; label: string; color: string; values: readonly (number | null)[] };

export type LineChartProps = {
  /** What it shows, for those who do not see it. */
  label: string;
  /** The names of the places on the horizontal axis, and shorter ones for the axis. */
  steps: readonly { name: string; short: string }[];
  lines: readonly Line[];
  /** Writes a value; null is one that is not known. */
  format: (value: number | null) => string;
  /** Whether the last step still grows: it is hatched, and named. */
  isLastOpen?: boolean;
  /** A value with a line of its own, such as 100 of an index. */
  reference?: number;
};

/** Pixels. */
export const LINE_CHART_HEIGHT = 320;
const LEFT = 44;
const RIGHT = 12;
const TOP = 10;
const BOTTOM = 26;

/** So that lines are told apart without their colors. */
export const DASHES = ["", "8 3", "2 3", "10 3 2 3", "14 4"] as const;

/** Several lines over the same steps. Arrow keys and the pointer read its values; below, the same as a table. */
export function LineChart(props: LineChartProps) {
  const { label, steps, lines, isLastOpen = false, reference } = props;
  const [ref, width] = useWidth<HTMLDivElement>();
  const [active, setActive] = useState<number>();
  const hatch = useId();
  const last = steps.length - 1;
  const x = scaleLinear([0, Math.max(last, 1)], [LEFT, Math.max(width - RIGHT, LEFT + 1)]);
  const top = topOf(lines, reference);
  const y = scaleLinear([0, top], [LINE_CHART_HEIGHT - BOTTOM, TOP]).nice(4);
  const path = lineOf<number | null>()
    .defined((value) => value !== null)
    .x((_, index) => x(index))
    .y((value) => y(value ?? 0));
  const read = (index: number) => setActive(Math.min(Math.max(index, 0), last));

  function onKeyDown(event: KeyboardEvent) {
    const index = { ArrowLeft: (active ?? last + 1) - 1, ArrowRight: (active ?? -1) + 1, Home: 0, End: last }[
      event.key
    ];
    if (event.key === "Escape") setActive(undefined);
    if (index === undefined) return;
    event.preventDefault();
    read(index);
  }
  function onPointerMove({ clientX, currentTarget }: PointerEvent<HTMLDivElement>) {
    read(
      nearestStep(clientX - currentTarget.getBoundingClientRect().left, {
        left: LEFT,
        right: width - RIGHT,
        steps: steps.length,
      }),
    );
  }

  return (
    <figure className={styles["figure"]}>
      <div
        ref={ref}
        className={styles["plot"]}
        role="slider"
        tabIndex={0}
        aria-label={`${label}: arrow keys read its values`}
        aria-valuemin={1}
        aria-valuemax={steps.length}
        aria-valuenow={(active ?? last) + 1}
        aria-valuetext={readingText(props, active ?? last)}
        onKeyDown={onKeyDown}
        onPointerMove={onPointerMove}
        onPointerLeave={() => setActive(undefined)}
        onBlur={() => setActive(undefined)}
      >
        <svg width={width} height={LINE_CHART_HEIGHT} aria-hidden="true">
          <pattern
            id={hatch}
            width="6"
            height="6"
            patternUnits="userSpaceOnUse"
            patternTransform="rotate(45)"
          >
            <line x1="0" y1="0" x2="0" y2="6" className={styles["hatch"]} />
          </pattern>
          {y.ticks(4).map((tick) => (
            <g key={tick}>
              <line x1={LEFT} x2={width - RIGHT} y1={y(tick)} y2={y(tick)} className={styles["grid"]} />
              <text x={LEFT - 8} y={y(tick)} dy="0.32em" textAnchor="end">
                {formatShort(tick)}
              </text>
            </g>
          ))}
          {reference !== undefined && (
            <line
              x1={LEFT}
              x2={width - RIGHT}
              y1={y(reference)}
              y2={y(reference)}
              className={styles["reference"]}
            />
          )}
          {shownTicks(steps.length, width - LEFT - RIGHT).map((index) => (
            <text
              key={index}
              x={x(index)}
              y={LINE_CHART_HEIGHT - 6}
              textAnchor={index === 0 ? "start" : index === last ? "end" : "middle"}
            >
              {steps[index]?.short}
            </text>
          ))}
          {isLastOpen && last > 0 && (
            <rect
              x={x(last - 0.5)}
              y={TOP}
              width={Math.max(width - RIGHT - x(last - 0.5), 0)}
              height={LINE_CHART_HEIGHT - BOTTOM - TOP}
              fill={`url(#${hatch})`}
            />
          )}
          {active !== undefined && (
            <line
              x1={x(active)}
              x2={x(active)}
              y1={TOP}
              y2={LINE_CHART_HEIGHT - BOTTOM}
              className={styles["cursor"]}
            />
          )}
          {lines.map(({ key, color, values }, index) => (
            <path
              key={key}
              d={path(values) ?? ""}
              stroke={color}
              strokeDasharray={DASHES[index]}
              className={styles["line"]}
            />
          ))}
          {lines.map(({ key, color, values }) => {
            const at = active ?? loneStep(values);
            const value = at === undefined ? null : (values[at] ?? null);
            return at === undefined || value === null ? null : (
              <circle key={key} cx={x(at)} cy={y(value)} r={4} fill={color} className={styles["point"]} />
            );
          })}
        </svg>
        <LineReading {...props} active={active} left={active === undefined ? 0 : x(active)} width={width} />
      </div>
      <LineTable {...props} />
    </figure>
  );
}

/** The only step with a value, which no line would show. */
function loneStep(values: readonly (number | null)[]): number | undefined {
  const known = values.flatMap((value, index) => (value === null ? [] : [index]));
  return known.length === 1 ? known[0] : undefined;
}
