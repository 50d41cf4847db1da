import { execFile } from "node:child_process";

/** Each look costs some milliseconds of a core. A peak that comes and goes in between is not seen. */
const LOOK_EVERY_MS = 500;
const KIB = 1_024;

export type PeakMemory = {
  /** The largest resident memory seen so far, in bytes; undefined when `ps` never told. */
  bytes(): number | undefined;
  stop(): void;
};

/** Watches a process's resident memory, with `ps`, which Linux and macOS have alike. */
export function watchPeakMemory(pid: number): PeakMemory {
  let peak: number | undefined;
  const look = () =>
    execFile("ps", ["-o", "rss=", "-p", String(pid)], (error, stdout) => {
      const kib = Number.parseInt(stdout, 10);
      if (error === null && kib > 0) peak = Math.max(peak ?? 0, kib * KIB);
    });
  look();
  const timer = setInterval(look, LOOK_EVERY_MS);
  return { bytes: () => peak, stop: () => clearInterval(timer) };
}
