import { throttle } from "@model-views/shared/runtime/throttle.ts";
import { SingleBar } from "cli-progress";
import { printable } from "../shared/printable-text.ts";
import type { OpenLog } from "./open-log.ts";

/** Milliseconds from one line to the next where there is no terminal. */
const LINE_EVERY_MS = 5_000;
/** Bad lines, and rejected views, that the report shows. */
const SAMPLES_MAX = 5;

/** A line that the report shows, and what is wrong with it. */
type Sample = { line: number; reason: string; text: string };

/**
 * What an import has done so far. At its end
 * `lines = views + ignored + rejected + leftOut + pastRetention + skipped + bad`.
 */
export type ImportTotals = {
  lines: number;
  /** Views that ingest accepted; it may have had them before. */
  views: number;
  /** Views of addresses that ingest leaves out (`IGNORE_ADDRESSES`). */
  ignored: number;
  /** Models that were made. */
  models: number;
  /** Lines that are not a `GET` with status 200. */
  skipped: number;
  /** Views of paths that are not imported: by `--include`, `--exclude`, `--map`, or because browsers request them on their own. */
  leftOut: number;
  /** Views of months of which retention has removed views: ingest would reject them, so they are not posted. */
  pastRetention: number;
  /** Models of the map that do not exist: their views wait for them. */
  unknownModels: number;
  /** Lines that could not be read. */
  bad: number;
  /** Views that ingest refused. */
  rejected: number;
  badSamples: Sample[];
  rejectedSamples: Sample[];
  /** The times of the earliest and the latest posted view; undefined when none was posted. */
  times: { first: string; last: string } | undefined;
};

export function noTotals(): ImportTotals {
  return {
    lines: 0,
    views: 0,
    ignored: 0,
    models: 0,
    skipped: 0,
    leftOut: 0,
    pastRetention: 0,
    unknownModels: 0,
    bad: 0,
    rejected: 0,
    badSamples: [],
    rejectedSamples: [],
    times: undefined,
  };
}

/** Keeps the first few samples and drops the others. */
export function addSample(samples: Sample[], sample: Sample): void {
  if (samples.length < SAMPLES_MAX) samples.push(sample);
}

/** Whether so many lines could not be read that the file is probably not a log of a supported format. */
export function isNotALog({ lines, bad }: Pick<ImportTotals, "lines" | "bad">): boolean {
  return bad * 2 > lines;
}

/** Shows how far an import is. */
export type Progress = {
  show: () => void;
  /** Shows what the import waits for, until the next {@link show}. */
  note: (text: string) => void;
  stop: () => void;
};

type Out = NodeJS.WritableStream & { isTTY?: boolean };
type Size = Pick<OpenLog, "bytesTotal" | "bytesRead">;

/** On a terminal a bar (for a log of unknown length, numbers without one), else a line every few seconds. */
export function openProgress(out: Out, log: Size, totals: ImportTotals): Progress {
  return out.isTTY === true ? barOn(out, log, totals) : linesOn(out, log, totals);
}

function barOn(out: Out, { bytesTotal, bytesRead }: Size, totals: ImportTotals): Progress {
  const numbers = "{lines} lines, {views} views {note}";
  const bar = new SingleBar({
    stream: out,
    format: bytesTotal === undefined ? numbers : `{bar} {percentage}%  ${numbers}`,
    barsize: 30,
    // Leaves the terminal's own settings alone: they must not stay changed after Ctrl-C.
    linewrap: true,
  });
  const payload = (note: string) => ({ lines: grouped(totals.lines), views: grouped(totals.views), note });
  bar.start(bytesTotal ?? 0, 0, payload(""));
  return {
    show: () => bar.update(bytesRead(), payload("")),
    note: (text) => bar.update(bytesRead(), payload(`(${text})`)),
    stop: () => bar.stop(),
  };
}

function linesOn(out: Out, { bytesTotal, bytesRead }: Size, totals: ImportTotals): Progress {
  const percentage = () => (bytesTotal ? ` (${Math.floor((bytesRead() / bytesTotal) * 100)}%)` : "");
  return {
    show: throttle(LINE_EVERY_MS, () => {
      out.write(`${grouped(totals.lines)} lines${percentage()}, ${grouped(totals.views)} views\n`);
    }),
    note: throttle(LINE_EVERY_MS, (text: string) => void out.write(`${text}\n`)),
    stop() {},
  };
}

/** Explains why statistics may show fewer views than were posted. */
const BOTS_NOTE = "Views of bots are stored, and left out of statistics unless a request has ?bots=include.";

/** Notes the times of views that were posted. */
export function noteTimes(totals: ImportTotals, times: readonly string[]): void {
  const sorted = [...times, ...(totals.times === undefined ? [] : Object.values(totals.times))].sort();
  const [first, last] = [sorted[0], sorted.at(-1)];
  if (first !== undefined && last !== undefined) totals.times = { first, last };
}

/**
 * What an import did, for people: first the lines and views that went wrong, then the numbers, and where to see them.
 *
 * @param dashboard its address, without a slash at its end.
 */
export function reportOf(totals: ImportTotals, dashboard: string): string {
  const rows: [what: string, count: number, note?: string][] = [
    ["lines read", totals.lines],
    ["views posted", totals.views, "those of an earlier run are recognised, and not counted again"],
    ["models made", totals.models],
    ["lines skipped", totals.skipped, "not a GET with status 200"],
    ["bad lines", totals.bad],
    ["views rejected", totals.rejected],
  ];
  if (totals.ignored > 0) rows.push(["views ignored", totals.ignored, "of addresses in IGNORE_ADDRESSES"]);
  if (totals.leftOut > 0)
    rows.push([
      "views left out",
      totals.leftOut,
      "of paths that are not imported: see --include, --exclude and --map",
    ]);
  if (totals.pastRetention > 0)
    rows.push([
      "views too old",
      totals.pastRetention,
      "not counted: retention has removed the views of their months",
    ]);
  if (totals.unknownModels > 0)
    rows.push([
      "unknown models",
      totals.unknownModels,
      "of the map; their views are stored once these models exist",
    ]);
  const width = Math.max(...rows.map(([, count]) => grouped(count).length));
  const lines = rows.map(
    ([what, count, note]) =>
      `${what.padEnd(14)} ${grouped(count).padStart(width)}${note === undefined ? "" : `  (${note})`}`,
  );
  return [
    ...samplesOf("Bad lines", totals.badSamples, totals.bad),
    ...samplesOf("Rejected views", totals.rejectedSamples, totals.rejected),
    ...lines,
    BOTS_NOTE,
    ...(totals.times === undefined
      ? []
      : [`See them: ${dashboard}/models?${daysOf(totals.times)}&bots=include`]),
    "",
  ].join("\n");
}

function daysOf({ first, last }: NonNullable<ImportTotals["times"]>): string {
  return `from=${first.slice(0, 10)}&to=${last.slice(0, 10)}`;
}

function samplesOf(title: string, samples: readonly Sample[], count: number): string[] {
  if (samples.length === 0) return [];
  const which = count > SAMPLES_MAX ? ` (the first ${SAMPLES_MAX} of ${grouped(count)})` : "";
  const each = samples.map(
    ({ line, reason, text }) => `  line ${grouped(line)}: ${reason}: ${printable(text)}`,
  );
  return [`${title}${which}:`, ...each];
}

/** A whole number as people read it: `9,090`. */
function grouped(n: number): string {
  return n.toLocaleString("en-US");
}
