import { problem } from "@model-views/shared/contracts/problems.ts";
import { ProblemError } from "@model-views/shared/http/express-problems.ts";
import { Router } from "express";
import { parse } from "../http/parse.ts";
import { liveOperations } from "../operations/live.ts";
import type { Live } from "./live.ts";

/** Listeners of one process at the same time. */
const LISTENERS_MAX = 2_000;
/** Bytes that may wait for a listener who does not read, before the connection is closed. It will come back. */
const WAITING_BYTES_MAX = 65_536;
/** Milliseconds after which a listener that lost the connection comes back. */
const RETRY_MS = 3_000;

/** `GET /v1/live`: views and viewers of the last five minutes, pushed as server-sent events whenever they change. */
export function liveRoute({ live }: { live: Live }): Router {
  const router = Router();
  router.get("/live", (request, response) => {
    parse(liveOperations.live.query, request.query);
    if (live.listeners() >= LISTENERS_MAX) {
      throw new ProblemError(
        problem("unavailable", 503, "Too many listen already", { retryAfterSeconds: RETRY_MS / 1_000 }),
      );
    }
    response.writeHead(200, {
      "Content-Type": "text/event-stream; charset=utf-8",
      "Cache-Control": "no-store",
      // For nginx, which would gather events otherwise.
      "X-Accel-Buffering": "no",
    });
    if (request.method === "HEAD") return void response.end();
    response.write(`retry: ${RETRY_MS}\n\n`);
    const stop = live.listen((text) => {
      if (response.writableLength > WAITING_BYTES_MAX) response.destroy();
      else response.write(text);
    }, request.get("Last-Event-ID"));
    response.once("close", stop);
  });
  return router;
}
