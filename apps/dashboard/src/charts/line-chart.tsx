import { scaleLinear } from "d3-scale";
import { area as areaOf, line as lineOf } from "d3-shape";
import { type ReactNode, useId, useRef } from "react";
import { formatShort } from "../format/numbers.ts";
import styles from "./line-chart.module.css";
import { LineReading, readingText } from "./line-reading.tsx";
import { nearestStep, shownTicks, topOf } from "./line-scale.ts";
import { LineTable } from "./line-table.tsx";
import { SavePicture } from "./save-picture.tsx";
import { useReading } from "./use-reading.ts";
import { useWidth } from "./use-width.ts";

export type Line = {
  key: string;
  label: string;
  color: string;
  values: readonly (number | null)[];
  /** Filled down to the axis. */
  isArea?: boolean;
  /** Of another time than the steps': the names of its values, such as days of the period before. */
  names?: readonly string[];
  /** How it is drawn, where that is not by its place among the lines. */
  dash?: string;
};

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
  /** A value with a separate line, such as 100 of an index. */
  reference?: number;
  /** Called with the first and the last step that the reader has chosen, by dragging or with Shift and the arrow keys. */
  onSelect?: ((first: number, last: number) => void) | undefined;
  /** In place of the usual height, in pixels. */
  height?: number;
  /** Beside the link to the table, such as downloads. */
  beside?: ReactNode;
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
  const { label, steps, lines, isLastOpen = false, reference, onSelect, height = LINE_CHART_HEIGHT } = props;
  const [ref, width] = useWidth<HTMLDivElement>();
  const svg = useRef<SVGSVGElement>(null);
  const hatch = useId();
  const last = steps.length - 1;
  const { active, chosen, handlers } = useReading({
    last,
    onSelect,
    stepAt: (place) => nearestStep(place, { left: LEFT, right: width - RIGHT, steps: steps.length }),
  });
  const x = scaleLinear([0, Math.max(last, 1)], [LEFT, Math.max(width - RIGHT, LEFT + 1)]);
  const top = topOf(lines, reference);
  const y = scaleLinear([0, top], [height - BOTTOM, TOP]).nice(4);
  const path = lineOf<number | null>()
    .defined((value) => value !== null)
    .x((_, index) => x(index))
    .y((value) => y(value ?? 0));
  const fill = areaOf<number | null>()
    .defined((value) => value !== null)
    .x((_, index) => x(index))
    .y0(y(0))
    .y1((value) => y(value ?? 0));

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
        style={{ height }}
        {...handlers}
      >
        <svg ref={svg} width={width} height={height} aria-hidden="true">
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
              y={height - 6}
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
              height={height - BOTTOM - TOP}
              fill={`url(#${hatch})`}
            />
          )}
          {chosen !== undefined && (
            <rect
              x={x(chosen[0])}
              y={TOP}
              width={x(chosen[1]) - x(chosen[0])}
              height={height - BOTTOM - TOP}
              className={styles["chosen"]}
            />
          )}
          {active !== undefined && (
            <line x1={x(active)} x2={x(active)} y1={TOP} y2={height - BOTTOM} className={styles["cursor"]} />
          )}
          {lines.map(
            ({ key, color, values, isArea }) =>
              isArea === true && (
                <path key={key} d={fill(values) ?? ""} fill={color} className={styles["area"]} />
              ),
          )}
          {lines.map(({ key, color, values, dash }, index) => (
            <path
              key={key}
              d={path(values) ?? ""}
              stroke={color}
              strokeDasharray={dash ?? DASHES[index]}
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
      <div className={styles["below"]}>
        <LineTable {...props} />
        <div className={styles["beside"]}>
          <SavePicture svg={svg} title={label} lines={lines} />
          {props.beside}
        </div>
      </div>
    </figure>
  );
}

/** The only step with a value, which no line would show. */
function loneStep(values: readonly (number | null)[]): number | undefined {
  const known = values.flatMap((value, index) => (value === null ? [] : [index]));
  return known.length === 1 ? known[0] : undefined;
}
