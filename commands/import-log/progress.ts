import { throttle } from "@model-views/shared/runtime/throttle.ts";
import { SingleBar } from "cli-progress";
import type { OpenLog } from "./open-log.ts";
import { counted } from "./report.ts";
import type { Tally } from "./tally.ts";

/** Milliseconds from one line to the next where there is no terminal. */
const LINE_EVERY_MS = 5_000;

/** Shows how far an import is. */
export type Progress = {
  show: () => void;
  /** Says what it is waiting for, until the next {@link show}. */
  note: (text: string) => void;
  stop: () => void;
};

type Out = NodeJS.WritableStream & { isTTY?: boolean };

/** On a terminal a bar (for a log of unknown length, figures without one), else a line every few seconds. */
export function openProgress(
  out: Out,
  log: Pick<OpenLog, "bytesTotal" | "bytesRead">,
  tally: Tally,
): Progress {
  return out.isTTY === true ? barOn(out, log, tally) : linesOn(out, log, tally);
}

function barOn(out: Out, { bytesTotal, bytesRead }: Pick<OpenLog, "bytesTotal" | "bytesRead">, tally: Tally) {
  const figures = "{lines} lines, {views} views {note}";
  const bar = new SingleBar({
    stream: out,
    format: bytesTotal === undefined ? figures : `{bar} {percentage}%  ${figures}`,
    barsize: 30,
    // Leaves the terminal's own settings alone: whoever presses Ctrl-C must not find them changed.
    linewrap: true,
  });
  const payload = (note: string) => ({ lines: counted(tally.lines), views: counted(tally.views), note });
  bar.start(bytesTotal ?? 0, 0, payload(""));
  return {
    show: () => bar.update(bytesRead(), payload("")),
    note: (text: string) => bar.update(bytesRead(), payload(`(${text})`)),
    stop: () => bar.stop(),
  };
}

function linesOn(
  out: Out,
  { bytesTotal, bytesRead }: Pick<OpenLog, "bytesTotal" | "bytesRead">,
  tally: Tally,
): Progress {
  const percentage = () => (bytesTotal ? ` (${Math.floor((bytesRead() / bytesTotal) * 100)}%)` : "");
  return {
    show: throttle(LINE_EVERY_MS, () => {
      out.write(`${counted(tally.lines)} lines${percentage()}, ${counted(tally.views)} views\n`);
    }),
    note: throttle(LINE_EVERY_MS, (text: string) => void out.write(`${text}\n`)),
    stop() {},
  };
}
