/** Bad lines, and rejected views, that are shown. */
export const SAMPLES_MAX = 5;

/** A line that is shown, and what is the matter with it. */
export type Sample = { line: number; reason: string; text: string };

/** What an import has done so far. At its end `lines = views + ignored + rejected + leftOut + retired + skipped + bad`. */
export type Tally = {
  lines: number;
  /** Views that ingest accepted; it may have had them before. */
  views: number;
  /** Views of addresses that ingest leaves out (`IGNORE_ADDRESSES`). */
  ignored: number;
  /** Models that were made. */
  models: number;
  /** Lines that are no `GET` with status 200. */
  skipped: number;
  /** Views of paths that are not meant: by `--include`, `--exclude`, `--map`, or because nobody views them. */
  leftOut: number;
  /** Views of months of which retention has removed views: they would be rejected, so they are not posted. */
  retired: number;
  /** Models of the map that do not exist: views of theirs wait for them. */
  unknownModels: number;
  /** Lines that could not be read. */
  bad: number;
  /** Views that ingest refused. */
  rejected: number;
  badSamples: Sample[];
  rejectedSamples: Sample[];
};

export function emptyTally(): Tally {
  return {
    lines: 0,
    views: 0,
    ignored: 0,
    models: 0,
    skipped: 0,
    leftOut: 0,
    retired: 0,
    unknownModels: 0,
    bad: 0,
    rejected: 0,
    badSamples: [],
    rejectedSamples: [],
  };
}

/** Keeps the first few samples, and nothing of the others. */
export function keepSample(samples: Sample[], sample: Sample): void {
  if (samples.length < SAMPLES_MAX) samples.push(sample);
}
