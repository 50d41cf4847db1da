import { table } from "../report.ts";
import type { StatsResults } from "./compare-stats.ts";
import { READERS } from "./crowd.ts";

/** A number that is not of one question, with its target, and whether that is met. Without a target: null. */
type Figure = { name: string; found: string; target: string | null; isMet: boolean };

const MB = 1_000_000;
const MEMORY_MAX = 200 * MB;
const EVENT_LOOP_P99_MS_MAX = 50;
/** Of all tables together. */
const BYTES_A_VIEW_MAX = 15;
const DAY_MS_MAX = 3_000;

/** What is not of one question: many readers at once, memory, and the stored audiences; lines of text, for people. */
export function reportAll(results: StatsResults): string[] {
  const rows = figures(results).map(({ name, found, target, isMet }) => [
    name,
    found,
    target ?? "",
    target === null ? "" : isMet ? "met" : "MISSED",
  ]);
  return table([["", "found", "target", ""], ...rows]);
}

/** The targets among them that were missed, in words. */
export function missedByAll(results: StatsResults): string[] {
  return figures(results)
    .filter(({ isMet }) => !isMet)
    .map(({ name, found, target }) => `${name}: ${found}, and should be ${target}`);
}

function figures({ views, crowd, peakBytes, bitmaps, finalizing }: StatsResults): Figure[] {
  const { medianMs, longestMs, parts, refusedParts, eventLoopP99Ms } = crowd;
  const all = bitmaps.reduce((sum, { bytes }) => sum + bytes, 0);
  return [
    plain(`overview asked by ${READERS} readers at once, median`, milliseconds(medianMs)),
    plain("the longest", milliseconds(longestMs)),
    {
      name: "its parts that were refused",
      found: `${refusedParts} of ${parts.toLocaleString("en")}`,
      target: "0",
      isMet: refusedParts === 0,
    },
    {
      name: "delay of the stats API's event loop meanwhile, p99",
      found: milliseconds(eventLoopP99Ms),
      target: `< ${EVENT_LOOP_P99_MS_MAX} ms`,
      isMet: eventLoopP99Ms < EVENT_LOOP_P99_MS_MAX,
    },
    {
      name: "peak resident memory of the stats API, seen by ps twice a second",
      found: peakBytes === undefined ? "not measured, because there is no ps here" : megabytes(peakBytes),
      target: `< ${megabytes(MEMORY_MAX)}`,
      isMet: (peakBytes ?? 0) < MEMORY_MAX,
    },
    {
      name: "bitmaps, all tables",
      found: bytesAView(all / views),
      target: `< ${BYTES_A_VIEW_MAX} bytes a view`,
      isMet: all / views < BYTES_A_VIEW_MAX,
    },
    ...bitmaps.map(({ table: name, bytes }) => plain(`bitmaps, ${name}`, bytesAView(bytes / views))),
    {
      name: "finalizing the last day anew, of all models and the site",
      found: milliseconds(finalizing.dayMs),
      target: `< ${DAY_MS_MAX.toLocaleString("en")} ms`,
      isMet: finalizing.dayMs < DAY_MS_MAX,
    },
    plain("finalizing the last hour anew", milliseconds(finalizing.hourMs)),
  ];
}

function plain(name: string, found: string): Figure {
  return { name, found, target: null, isMet: true };
}

const milliseconds = (ms: number) => `${Math.round(ms).toLocaleString("en")} ms`;
const megabytes = (bytes: number) => `${Math.round(bytes / MB)} MB`;
const bytesAView = (bytes: number) => `${bytes.toFixed(2)} bytes a view`;
