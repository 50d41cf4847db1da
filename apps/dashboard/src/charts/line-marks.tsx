import type { ScaleLinear } from "d3-scale";
import { area as areaOf, line as lineOf } from "d3-shape";
import { memo } from "react";
import styles from "./line-chart.module.css";
import { DASHES, type Line } from "./lines.ts";
import { lonePlaces, thinned } from "./thin.ts";

/** Pixels of a line's width: what is nearer to each other is not told apart. */
const STROKE = 2;

/** The dash of a line's way to what still grows. */
const OPEN_DASH = "2 4";

/** From a place, or a value, to pixels. */
type Scale = ScaleLinear<number, number>;

/** The lines of a chart. Not drawn again while only the step that is read changes. */
export const LineMarks = memo(function LineMarks({
  lines,
  x,
  y,
  width,
  isLastOpen,
}: {
  lines: readonly Line[];
  x: Scale;
  y: Scale;
  /** Pixels of the plot. */
  width: number;
  /** Whether the last step still grows: the way to it is dashed, because it is no fall. */
  isLastOpen: boolean;
}) {
  const drawn = lines.map((line, index) => ({
    ...line,
    dash: line.dash ?? DASHES[index],
    lone: lonePlaces(line.values),
    // A line of another time, such as the days before, has no step that grows.
    ...pathsOf(line, { x, y, width, isLastOpen: isLastOpen && line.nameAt === undefined }),
  }));
  return (
    <>
      {drawn.map(
        ({ key, fill, color }) =>
          fill !== undefined && <path key={key} d={fill} fill={color} className={styles["area"]} />,
      )}
      {drawn.map(({ key, stroke, color, dash }) => (
        <path key={key} d={stroke} stroke={color} strokeDasharray={dash} className={styles["line"]} />
      ))}
      {drawn.map(
        ({ key, open, color }) =>
          open !== undefined && (
            <path key={key} d={open} stroke={color} strokeDasharray={OPEN_DASH} className={styles["line"]} />
          ),
      )}
      {drawn.map(({ key, lone, color, values }) =>
        lone.map((place) => (
          <circle
            key={`${key} ${place}`}
            cx={x(place)}
            cy={y(values[place] ?? 0)}
            r={4}
            fill={color}
            className={styles["point"]}
          />
        )),
      )}
    </>
  );
});

function pathsOf(
  { values, isArea }: Line,
  { x, y, width, isLastOpen }: { x: Scale; y: Scale; width: number; isLastOpen: boolean },
): { stroke: string; open: string | undefined; fill: string | undefined } {
  const places = thinned(values, width / STROKE);
  const isKnown = (place: number) => (values[place] ?? null) !== null;
  const height = (place: number) => y(values[place] ?? 0);
  const line = lineOf<number>(x, height).defined(isKnown).digits(1);
  const last = values.length - 1;
  const hasOpen = isLastOpen && last > 0 && isKnown(last) && isKnown(last - 1);
  const stroke = line(hasOpen ? [...places.filter((place) => place < last - 1), last - 1] : places) ?? "";
  const open = hasOpen ? (line([last - 1, last]) ?? undefined) : undefined;
  const fill =
    isArea === true ? (areaOf<number>(x, y(0), height).defined(isKnown).digits(1)(places) ?? "") : undefined;
  return { stroke, open, fill };
}

/** The pattern of what still grows. */
export function Hatch({ id }: { id: string }) {
  return (
    <pattern id={id} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
      <line x1="0" y1="0" x2="0" y2="6" className={styles["hatch"]} />
    </pattern>
  );
}
