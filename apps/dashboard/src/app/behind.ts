import type { PipelineAnswer } from "@model-views/shared/contracts/pipeline.ts";

/** What the banner reads of the answer of `GET /v1/pipeline`. */
export type PipelineNews = {
  queue: { data: Pick<Queue, "waitingViews" | "waitingJobs" | "oldestWaitingSeconds"> } | { error: unknown };
  problems: PipelineAnswer["problems"];
};
type Queue = Extract<PipelineAnswer["queue"], { data: unknown }>["data"];

export type Behind = {
  /** `stopped`: nothing is being recorded. `behind`: views wait longer than usual. */
  kind: "stopped" | "behind";
  text: string;
};

/** Seconds for which a view may wait before it is worth a word: recording takes less than one. */
const USUAL_SECONDS = 10;

/** Seconds for which views wait when nothing records them: a killed worker's come back within ten. */
const STOPPED_SECONDS = 30;

/** The parts without which no view is recorded. */
const RECORDING_PARTS: readonly PipelineAnswer["problems"][number]["part"][] = [
  "workers",
  "worker",
  "postgres",
  "redis",
  "queue",
];

/** What a reader has to know of the figures being behind; undefined when all is well. */
export function behindOf({ queue, problems }: PipelineNews): Behind | undefined {
  const waiting = "data" in queue ? queue.data : undefined;
  const seconds = waiting?.oldestWaitingSeconds ?? 0;
  const onTheirWay = waiting === undefined || waiting.waitingJobs === 0 ? "" : waitingText(waiting, seconds);
  // Without views that wait for long, a problem may be of one process among several, or of what can be seen.
  const cause =
    seconds < STOPPED_SECONDS ? undefined : problems.find(({ part }) => RECORDING_PARTS.includes(part));
  if (cause !== undefined) {
    const text = ["Views are not being recorded now.", withPeriod(cause.text), onTheirWay].filter(Boolean);
    return { kind: "stopped", text: text.join(" ") };
  }
  return onTheirWay !== "" && seconds >= USUAL_SECONDS ? { kind: "behind", text: onTheirWay } : undefined;
}

function waitingText(
  { waitingViews, waitingJobs }: Pick<Queue, "waitingViews" | "waitingJobs">,
  seconds: number,
): string {
  const format = (count: number) => new Intl.NumberFormat().format(count);
  if (waitingViews === 1) return `1 view is on its way; it was accepted ${agoText(seconds)}.`;
  // Where many batches wait, their views are not counted.
  const what =
    waitingViews === null ? `${format(waitingJobs)} batches of views` : `${format(waitingViews)} views`;
  return `${what} are on their way; the oldest was accepted ${agoText(seconds)}.`;
}

const UNITS = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
] as const;

function agoText(seconds: number): string {
  const [unit, length] = UNITS.find(([, each]) => seconds >= each) ?? (["second", 1] as const);
  const count = Math.floor(seconds / length);
  return `${count} ${unit}${count === 1 ? "" : "s"} ago`;
}

function withPeriod(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
