import { printable } from "../printable-text.ts";
import { SAMPLES_MAX, type Sample, type Tally } from "./tally.ts";

/** Or the figures of a log would seem to have lost something. */
const BOTS_NOTE =
  "Views of bots are stored, and left out of statistics unless these are asked for with ?bots=include.";

/** A whole number as people read it: `9,090`. */
export function counted(n: number): string {
  return n.toLocaleString("en-US");
}

/** What an import did, for people: the lines and views that went wrong first, the figures last. */
export function reportOf(tally: Tally): string {
  const rows: [what: string, count: number, note?: string][] = [
    ["lines read", tally.lines],
    ["views posted", tally.views, "those of an earlier run are recognised, and not counted again"],
    ["models made", tally.models],
    ["lines skipped", tally.skipped, "no GET with status 200"],
    ["bad lines", tally.bad],
    ["views rejected", tally.rejected],
  ];
  if (tally.ignored > 0) rows.push(["views ignored", tally.ignored, "of addresses in IGNORE_ADDRESSES"]);
  if (tally.leftOut > 0)
    rows.push([
      "views left out",
      tally.leftOut,
      "of paths that are not meant: see --include, --exclude and --map",
    ]);
  if (tally.retired > 0)
    rows.push([
      "views too old",
      tally.retired,
      "not counted: retention has removed the views of their months",
    ]);
  if (tally.unknownModels > 0)
    rows.push([
      "unknown models",
      tally.unknownModels,
      "of the map; their views are stored when these are made",
    ]);
  const width = Math.max(...rows.map(([, count]) => counted(count).length));
  const figures = rows.map(
    ([what, count, note]) =>
      `${what.padEnd(14)} ${counted(count).padStart(width)}${note === undefined ? "" : `  (${note})`}`,
  );
  return [
    ...samplesOf("Bad lines", tally.badSamples, tally.bad),
    ...samplesOf("Rejected views", tally.rejectedSamples, tally.rejected),
    ...figures,
    BOTS_NOTE,
    "",
  ].join("\n");
}

function samplesOf(title: string, samples: readonly Sample[], count: number): string[] {
  if (samples.length === 0) return [];
  const which = count > SAMPLES_MAX ? ` (the first ${SAMPLES_MAX} of ${counted(count)})` : "";
  const each = samples.map(
    ({ line, reason, text }) => `  line ${counted(line)}: ${reason}: ${printable(text)}`,
  );
  return [`${title}${which}:`, ...each];
}

/** Whether so many lines could not be read that it was no log which is understood. */
export function isNoLog({ lines, bad }: Pick<Tally, "lines" | "bad">): boolean {
  return bad * 2 > lines;
}
