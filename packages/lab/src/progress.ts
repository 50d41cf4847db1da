import { SingleBar } from "cli-progress";

/** Milliseconds from one line to the next where there is no terminal. */
const LINE_EVERY_MS = 5_000;

/** Shows the progress of a long task: on a terminal a bar, else a line every few seconds. */
export type Progress = {
  /** @param total undefined when it is not known. */
  start(what: string, total: number | undefined): void;
  /** Sets how much is done. */
  at(done: number): void;
  /** Adds one. */
  step(): void;
  stop(): void;
};

/** @param out where it is shown: not the stream of the results. */
export function createProgress(out: NodeJS.WritableStream & { isTTY?: boolean }): Progress {
  const bar = new SingleBar({
    stream: out,
    format: "{bar} {value} of {total} {what}",
    barsize: 30,
    linewrap: true,
  });
  let what = "";
  let done = 0;
  let total: number | undefined;
  let lastLineMs = 0;
  const isBar = () => out.isTTY === true && total !== undefined;

  const progress: Progress = {
    start(name, ofAll) {
      [what, total, done, lastLineMs] = [name, ofAll, 0, performance.now()];
      if (isBar()) bar.start(ofAll ?? 0, 0, { what });
    },
    at(now) {
      done = now;
      if (isBar()) return bar.update(now);
      if (performance.now() - lastLineMs < LINE_EVERY_MS) return;
      lastLineMs = performance.now();
      const of = total === undefined ? "" : ` of ${total.toLocaleString("en")}`;
      out.write(`${done.toLocaleString("en")}${of} ${what}\n`);
    },
    step: () => progress.at(done + 1),
    stop() {
      if (isBar()) bar.stop();
      total = undefined;
    },
  };
  return progress;
}
