import { setTimeout as pause } from "node:timers/promises";
import type { Link } from "../proxy/proxy.ts";
import type { RunFault } from "./kit.ts";

/** Milliseconds that each chunk is late: less than what ingest waits for the queue, but not by much. */
const SLOW_MS = 150;
/** The same for statements: each takes at least two of it, and a batch with new text several. */
const SLOW_DATABASE_MS = 1_000;

const disturbing =
  (begin: (link: Link) => void): RunFault =>
  async ({ lab }, { target, durationMs }) => {
    const link = Object.entries(lab.links.faulty).find(([name]) => name === target)?.[1];
    if (link === undefined) throw new Error(`there is no link ${target}`);
    begin(link);
    await pause(durationMs);
    link.heal();
  };

export const slowLink = disturbing((link) => link.delay(SLOW_MS));
export const slowDatabase = disturbing((link) => link.delay(SLOW_DATABASE_MS));
export const blackHoleLink = disturbing((link) => link.blackHole(true));
export const resetLink = disturbing((link) => link.reset(true));
export const halfOpenLink = disturbing((link) => link.halfOpen());
