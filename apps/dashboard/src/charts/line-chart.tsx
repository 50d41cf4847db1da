import { scaleLinear } from "d3-scale";
import { useId, useMemo, useRef } from "react";
import { formatShort } from "../format/numbers.ts";
import styles from "./line-chart.module.css";
import { Hatch, LineMarks } from "./line-marks.tsx";
import { LineKey, LineReading, readingText } from "./line-reading.tsx";
import { anchorOf, nearestStep, shownTicks, topOf } from "./line-scale.ts";
import { LineTable } from "./line-table.tsx";
import { DASHES, type LineChartProps } from "./lines.ts";
import { SavePicture } from "./save-picture.tsx";
import { useReading } from "./use-reading.ts";
import { useWidth } from "./use-width.ts";

/** Pixels. */
export const LINE_CHART_HEIGHT = 320;
const LEFT = 44;
const RIGHT = 12;
const TOP = 10;
const BOTTOM = 26;

/** Which line is which; the reading and the table say it to those who do not see it. */
function Legend({ lines }: Pick<LineChartProps, "lines">) {
  return (
    <ul className={styles["legend"]} aria-hidden="true">
      {lines.map(({ key, label, color, dash }, index) => (
        <li key={key}>
          <LineKey color={color} dash={dash ?? DASHES[index]} />
          {label}
        </li>
      ))}
    </ul>
  );
}

/** Several lines over the same steps. Arrow keys and the pointer read its values; below, the same as a table. */
export function LineChart(props: LineChartProps) {
  const {
    label,
    steps,
    lines,
    isLastOpen = false,
    reference,
    ticks,
    onSelect,
    height = LINE_CHART_HEIGHT,
  } = props;
  const [ref, width] = useWidth<HTMLDivElement>();
  const svg = useRef<SVGSVGElement>(null);
  const hatch = useId();
  const last = steps.length - 1;
  const { active, chosen, handlers } = useReading({
    last,
    onSelect,
    stepAt: (place) => nearestStep(place, { left: LEFT, right: width - RIGHT, steps: steps.length }),
  });
  const plotWidth = Math.max(width - LEFT - RIGHT, 1);
  const x = useMemo(
    // A single step stands in the middle.
    () => scaleLinear(last > 0 ? [0, last] : [-1, 1], [LEFT, LEFT + plotWidth]),
    [last, plotWidth],
  );
  const y = useMemo(
    () => scaleLinear([0, topOf(lines, reference)], [height - BOTTOM, TOP]).nice(4),
    [lines, reference, height],
  );
  const named = useMemo(() => {
    // It is measured before it is painted.
    if (width === 0) return [];
    if (ticks !== undefined) return ticks(plotWidth);
    const evenly = shownTicks(steps.length, plotWidth);
    return evenly.map((index) => ({ index, text: steps[index]?.short ?? "" }));
  }, [ticks, steps, width, plotWidth]);

  return (
    <figure className={styles["figure"]}>
      {props.hasLegend === true && <Legend lines={lines} />}
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
          <Hatch id={hatch} />
          {y
            .ticks(4)
            .filter(Number.isInteger)
            .map((tick) => (
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
          {named.map(({ index, text }) => (
            <text
              key={index}
              x={x(index)}
              y={height - 6}
              textAnchor={anchorOf(x(index), LEFT, width - RIGHT)}
            >
              {text}
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
          {width > 0 && <LineMarks lines={lines} x={x} y={y} width={plotWidth} isLastOpen={isLastOpen} />}
          {active !== undefined &&
            lines.map(({ key, color, values }) => {
              const value = values[active] ?? null;
              return value === null ? null : (
                <circle
                  key={key}
                  cx={x(active)}
                  cy={y(value)}
                  r={4}
                  fill={color}
                  className={styles["point"]}
                />
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
