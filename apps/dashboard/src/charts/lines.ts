import type { ReactNode } from "react";
import type { Tick } from "./time-ticks.ts";

export type Line = {
  key: string;
  label: string;
  color: string;
  values: readonly (number | null)[];
  /** Filled down to the axis. */
  isArea?: boolean;
  /** Of another time than the steps': the name of a value, such as a day of the period before. Empty where it has none. */
  nameAt?: (index: number) => string;
  /** What is said beside a value, such as its change, or why it is not known. */
  noteAt?: (index: number) => string | undefined;
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
  /** The steps that the axis names, for its width in pixels; without it evenly many. */
  ticks?: (width: number) => readonly Tick[];
  /** Called with the first and the last step that the reader has chosen, by dragging or with Shift and the arrow keys. */
  onSelect?: ((first: number, last: number) => void) | undefined;
  /** In place of the usual height, in pixels. */
  height?: number;
  /** Whether the lines are named above, where nothing else on the page does. */
  hasLegend?: boolean;
  /** Beside the link to the table, such as downloads. */
  beside?: ReactNode;
};

/** So that lines are told apart without their colors. */
export const DASHES = ["", "8 3", "2 3", "10 3 2 3", "14 4"] as const;
