import { type RequestHandler, Router } from "express";
import { z } from "zod";
import { cachedFor } from "../runtime/cached-for.ts";
import { reasonText } from "../runtime/error-text.ts";
import type { Logger } from "../runtime/logger.ts";

/** Answer of `GET /livez`. */
export const aliveSchema = z.object({ status: z.literal("ok") });

/** Answer of `GET /readyz` on the public port: without reasons. */
export const readySchema = z.object({ status: z.enum(["ok", "not ready"]) });

/** What is ready and what is not: the answer of `GET /readyz` on the admin port. */
export type Readiness = {
  status: "ok" | "not ready";
  /** For each dependency: `ok` or a short status, or why it is not ready. */
  checks: Record<string, string>;
  /** What works, but needs the owner's attention. Absent when there is none. */
  warnings?: string[];
};

/** Resolves with a short status when its dependency works. Rejects with the reason when it does not. */
export type ReadinessCheck = () => Promise<string>;

const CHECK_TIMEOUT_MS = 1_000;
/** Milliseconds for which an answer is cached: databases are asked at most once a second. */
const SHARED_MS = 1_000;
/** Milliseconds for which a check has to fail before that is reported. A busy machine is too slow for a moment. */
const LASTS_MS = 3_000;

/**
 * Runs all checks, at most once a second however often it is called.
 *
 * @param onFailing called with a check that has failed for 3 s or longer, and its reason: once for each reason, until the
 * check works again. Two reasons that differ only in numbers count as one.
 */
export function createReadiness(
  checks: Record<string, ReadinessCheck>,
  warnings: () => string[] = () => [],
  onFailing: (check: string, reason: string) => void = () => {},
): () => Promise<Readiness> {
  const failing = new Map<string, { sinceMs: number; reported: Set<string> }>();
  function report(check: string, { works, text }: Outcome): void {
    if (works) return void failing.delete(check);
    const nowMs = performance.now();
    const { sinceMs, reported } = failing.get(check) ?? { sinceMs: nowMs, reported: new Set() };
    failing.set(check, { sinceMs, reported });
    const reason = text.replaceAll(/\d+/g, "");
    if (nowMs - sinceMs < LASTS_MS || reported.has(reason)) return;
    reported.add(reason);
    onFailing(check, text);
  }
  const checked = cachedFor(SHARED_MS, async () => {
    const results = await Promise.all(
      Object.entries(checks).map(async ([name, check]) => [name, await outcome(check)] as const),
    );
    for (const [name, result] of results) report(name, result);
    return {
      status: results.every(([, { works }]) => works) ? ("ok" as const) : ("not ready" as const),
      checks: Object.fromEntries(results.map(([name, { text }]) => [name, text])),
    };
  });
  return async () => {
    const result = await checked();
    // Nothing is asked for them, so they are never old.
    const warned = warnings();
    return { ...result, ...(warned.length === 0 ? {} : { warnings: warned }) };
  };
}

/** Logs why a check fails, for the last parameter of {@link createReadiness}. */
export function logFailing(logger: Pick<Logger, "warn">): (check: string, reason: string) => void {
  return (check, reason) => logger.warn({ check }, `not ready: ${reason}`);
}

/**
 * Checks every second from the start on until everything works once, so the log shows what is missing also where nothing asks
 * for `/readyz`. Returns a function that stops it.
 */
export function checkUntilReady(readiness: () => Promise<Readiness>): () => void {
  let isStopped = false;
  let timer: NodeJS.Timeout | undefined;
  async function check(): Promise<void> {
    const { status } = await readiness();
    if (status === "not ready" && !isStopped) timer = setTimeout(() => void check(), SHARED_MS);
  }
  void check();
  return () => {
    isStopped = true;
    clearTimeout(timer);
  };
}

/**
 * For the public port: `GET /livez` shows that the process answers, `GET /readyz` whether all of its dependencies work
 * (200 or 503). The reasons are on the admin port, for operators.
 */
export function healthRoutes(readiness: () => Promise<Readiness>): Router {
  return routes(readiness, ({ status }) => ({ status }));
}

/** The same, with a reason for each check and with warnings. */
export function detailedHealthRoutes(readiness: () => Promise<Readiness>): Router {
  return routes(readiness, (all) => all);
}

function routes(readiness: () => Promise<Readiness>, pick: (readiness: Readiness) => object): Router {
  const router = Router();
  const ready: RequestHandler = async (_request, response) => {
    const current = await readiness();
    response
      .status(current.status === "ok" ? 200 : 503)
      .set("Cache-Control", "no-store")
      .json(pick(current));
  };
  router.get("/livez", (_request, response) => {
    response.json({ status: "ok" });
  });
  router.get("/readyz", ready);
  return router;
}

type Outcome = { works: boolean; text: string };

async function outcome(check: ReadinessCheck): Promise<Outcome> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${CHECK_TIMEOUT_MS} ms`)), CHECK_TIMEOUT_MS);
  });
  try {
    return { works: true, text: await Promise.race([check(), timeout]) };
  } catch (error) {
    return { works: false, text: reasonText(error) };
  } finally {
    clearTimeout(timer);
  }
}
