import { Gauge, type Registry } from "prom-client";
import type { Readiness } from "./health.ts";

/**
 * Shows each check of `/readyz` as a metric, and the number of warnings: an alert on them covers every reason for which a service is not ready, or
 * its owner should look, those of later versions too.
 */
export function showReadiness(readiness: () => Promise<Readiness>, registers: Registry[]): void {
  new Gauge({
    name: "model_views_check_ok",
    help: "1 for each check of /readyz that answers ok; 0 when it fails, or has something to say: /readyz of the admin port says what",
    labelNames: ["check"],
    registers,
    async collect() {
      this.reset();
      const { checks } = await readiness();
      for (const [check, text] of Object.entries(checks)) this.set({ check }, text === "ok" ? 1 : 0);
    },
  });
  new Gauge({
    name: "model_views_warnings",
    help: "Warnings in /readyz of the admin port: what works, and needs the owner's attention",
    registers,
    async collect() {
      this.set((await readiness()).warnings?.length ?? 0);
    },
  });
}
