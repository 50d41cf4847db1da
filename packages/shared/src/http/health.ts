import { type RequestHandler, Router } from "express";
import { z } from "zod";
import { sharedFor } from "../runtime/shared-for.ts";

/** Answer of `GET /livez`. */
export const aliveSchema = z.object({ status: z.literal("ok") });

/** Answer of `GET /readyz` on the public port: whether, and not why. */
export const readySchema = z.object({ status: z.enum(["ok", "not ready"]) });

/** What is ready and what is not: the answer of `GET /readyz` on the admin port. */
export type Readiness = {
  status: "ok" | "not ready";
  /** Of each thing that is needed: `ok`, or why it is not. */
  checks: Record<string, string>;
  /** What works, but not as its owner will want it; absent when there is nothing to say. */
  warnings?: string[];
};

/**
 * Resolves when what it checks works, with what there is to say of it; rejects with the reason when it does not.
 */
export type ReadinessCheck = () => Promise<string>;

const CHECK_TIMEOUT_MS = 1_000;
/** Milliseconds for which everyone who asks is given the same answer: databases are asked once a second at most. */
const SHARED_MS = 1_000;

/** Asks every check, at most once a second however many want to know. */
export function createReadiness(
  checks: Record<string, ReadinessCheck>,
  warnings: () => string[] = () => [],
): () => Promise<Readiness> {
  return sharedFor(SHARED_MS, async () => {
    const results = await Promise.all(
      Object.entries(checks).map(async ([name, check]) => [name, await outcome(check)] as const),
    );
    const warned = warnings();
    return {
      status: results.every(([, { works }]) => works) ? "ok" : "not ready",
      checks: Object.fromEntries(results.map(([name, { says }]) => [name, says])),
      ...(warned.length === 0 ? {} : { warnings: warned }),
    };
  });
}

/**
 * For the public port: `GET /livez` says that the process answers, `GET /readyz` whether everything it needs does (200 or
 * 503). Why not is for operators, on the admin port.
 */
export function healthRoutes(readiness: () => Promise<Readiness>): Router {
  return routes(readiness, ({ status }) => ({ status }));
}

/** The same with a reason for each check, and with warnings. */
export function detailedHealthRoutes(readiness: () => Promise<Readiness>): Router {
  return routes(readiness, (all) => all);
}

function routes(readiness: () => Promise<Readiness>, said: (readiness: Readiness) => object): Router {
  const router = Router();
  const ready: RequestHandler = async (_request, response) => {
    const current = await readiness();
    response
      .status(current.status === "ok" ? 200 : 503)
      .set("Cache-Control", "no-store")
      .json(said(current));
  };
  router.get("/livez", (_request, response) => {
    response.json({ status: "ok" });
  });
  router.get("/readyz", ready);
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
