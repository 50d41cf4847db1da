import { Counter, collectDefaultMetrics, Gauge, Registry } from "prom-client";
import type { ClockWatch } from "./clock-watch.ts";

/** A registry of its own for one process, with Node's memory, CPU and event loop figures in it. */
export function createMetrics(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}

/** Counts what goes wrong below the routes, for `listen` and `createRateLimit`. */
export function createHttpMetrics(registers: Registry[]): {
  onUnreadable: (status: number) => void;
  onUnread: () => void;
  onForgotten: () => void;
} {
  const unreadable = new Counter({
    name: "model_views_http_unreadable_requests_total",
    help: "Requests that took too long (408), are no HTTP or came before the answer to the one before (400), or have too large headers (431)",
    labelNames: ["status"],
    registers,
  });
  const unread = new Counter({
    name: "model_views_http_unread_answers_total",
    help: "Answers that were given up, because their reader read nothing of them for 30 s",
    registers,
  });
  const forgotten = new Counter({
    name: "model_views_http_forgotten_addresses_total",
    help: "Addresses whose count of requests was dropped before its minute was over, because too many were counted",
    registers,
  });
  return {
    onUnreadable: (status) => unreadable.inc({ status }),
    onUnread: () => unread.inc(),
    onForgotten: () => forgotten.inc(),
  };
}

/** By how much this process's clock is ahead of others, as far as these can be asked. */
export function showClocks(clocks: Pick<ClockWatch, "aheadMs">, registers: Registry[]): void {
  new Gauge({
    name: "model_views_clock_ahead_seconds",
    help: "Seconds by which this process's clock is ahead of another's; negative when it is behind",
    labelNames: ["of"],
    registers,
    collect() {
      this.reset();
      for (const [of, ms] of clocks.aheadMs()) this.set({ of }, ms / 1_000);
    },
  });
}
