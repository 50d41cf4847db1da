import { setTimeout as pause } from "node:timers/promises";
import type { TcpProxy } from "../proxy/proxy.ts";
import type { RunFault } from "./kit.ts";

/** Milliseconds by which each chunk is delayed: a little less than ingest waits for the queue. */
const SLOW_MS = 150;
/** The same for statements: each needs at least two chunks, and a batch with new text several. */
const SLOW_DATABASE_MS = 1_000;

const disturbing =
  (begin: (proxy: TcpProxy) => void): RunFault =>
  async ({ lab }, { target, durationMs }) => {
    const proxy = Object.entries(lab.proxies.faulty).find(([name]) => name === target)?.[1];
    if (proxy === undefined) throw new Error(`there is no proxy ${target}`);
    begin(proxy);
    await pause(durationMs);
    proxy.heal();
  };

export const slowLink = disturbing((proxy) => proxy.delay(SLOW_MS));
export const slowDatabase = disturbing((proxy) => proxy.delay(SLOW_DATABASE_MS));
export const blackHoleLink = disturbing((proxy) => proxy.blackHole(true));
export const resetLink = disturbing((proxy) => proxy.reset(true));
export const halfOpenLink = disturbing((proxy) => proxy.halfOpen());
