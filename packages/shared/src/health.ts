import { Router } from "express";
import type { Registry } from "prom-client";
import { z } from "zod";

/** Answer of `GET /livez`. */
export const aliveSchema = z.object({ status: z.literal("ok") });

/** Answer of `GET /readyz`. */
export const readinessSchema = z.object({
  status: z.enum(["ok", "not ready"]),
  checks: z.record(z.string(), z.string()).describe("Of each thing that is needed: `ok`, or why it is not"),
  warnings: z
    .array(z.string())
    .exactOptional()
    .describe("What works, but not as its owner will want it; absent when there is nothing to say"),
});

/**
 * Resolves when what it checks works, with what there is to say of it; rejects with the reason when it does not.
 */
export type ReadinessCheck = () => Promise<string>;

const CHECK_TIMEOUT_MS = 1_000;

/**
 * `GET /livez` says that the process answers, `GET /readyz` that everything it needs does (200, or 503 with a
 * reason for each check), and what its owner should know all the same, `GET /metrics` what it counted, for Prometheus.
 */
export function healthRoutes(
  checks: Record<string, ReadinessCheck>,
  metrics: Registry,
  warnings: () => string[] = () => [],
): Router {
  const router = Router();
  router.get("/livez", (_request, response) => {
    response.json({ status: "ok" });
  });
  router.get("/readyz", async (_request, response) => {
    const results = await Promise.all(
      Object.entries(checks).map(async ([name, check]) => [name, await outcome(check)] as const),
    );
    const ready = results.every(([, { works }]) => works);
    const warned = warnings();
    response
      .status(ready ? 200 : 503)
      .set("Cache-Control", "no-store")
      .json({
        status: ready ? "ok" : "not ready",
        checks: Object.fromEntries(results.map(([name, { says }]) => [name, says])),
        ...(warned.length === 0 ? {} : { warnings: warned }),
      });
  });
  router.get("/metrics", async (_request, response) => {
    response.set("Content-Type", metrics.contentType).send(await metrics.metrics());
  });
  return router;
}

async function outcome(check: ReadinessCheck): Promise<{ works: boolean; says: string }> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${CHECK_TIMEOUT_MS} ms`)), CHECK_TIMEOUT_MS);
  });
  try {
    return { works: true, says: await Promise.race([check(), timeout]) };
  } catch (error) {
    return { works: false, says: error instanceof Error ? error.message || error.name : String(error) };
  } finally {
    clearTimeout(timer);
  }
}
