import { collectDefaultMetrics, Gauge, Registry } from "prom-client";
import type { ClockWatch } from "./clock-watch.ts";

/** A registry of its own for one process, with Node's memory, CPU and event loop figures in it. */
export function createMetrics(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
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
