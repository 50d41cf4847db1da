import { LIVE_MINUTES, liveDetailsSchema, liveStatsSchema } from "@model-views/shared/contracts/live.ts";
import { problem } from "@model-views/shared/contracts/problems.ts";
import { ProblemError } from "@model-views/shared/http/express-problems.ts";
import { z } from "zod";
import { defineRoute } from "../http/route.ts";
import type { RouteDeps } from "./deps.ts";
import { AS_OF } from "./example-data.ts";

/** Listeners of one process at the same time. */
const LISTENERS_MAX = 2_000;
/** Bytes that may wait for a listener who does not read, before the connection is closed. The listener reconnects. */
const WAITING_BYTES_MAX = 65_536;
/** Milliseconds after which a listener that lost the connection reconnects. */
const RETRY_MS = 3_000;

export const liveRoute = defineRoute({
  id: "watchLive",
  method: "get",
  path: "/v1/live",
  summary: `Views and viewers of the last ${LIVE_MINUTES} minutes, pushed when they change`,
  description:
    "Server-sent events. The data of `event: figures` is JSON of the schema LiveStats; `event: unavailable` is sent while PostgreSQL is not available. A client that reconnects with `Last-Event-ID` gets only what has changed. With `details=true`, `event: details` of the schema LiveDetails comes too.",
  access: "read",
  query: z.strictObject({
    details: z
      .enum(["true"])
      .optional()
      .describe("Also by minute, and which models are viewed and from where"),
  }),
  answers: {
    200: {
      description: "Events without end",
      text: "text/event-stream",
      nested: { LiveStats: liveStatsSchema, LiveDetails: liveDetailsSchema },
    },
  },
  examples: {
    first: {
      summary: "The first event",
      status: 200,
      answer: `retry: 3000\n\nevent: figures\nid: 2-2\ndata: ${JSON.stringify({ views: 2, viewers: 2, asOf: AS_OF })}\n\n`,
    },
  },
  handle(
    { query, request, response },
    { liveFeed, liveDetailsFeed, sessionEnd }: Pick<RouteDeps, "liveFeed" | "liveDetailsFeed" | "sessionEnd">,
  ) {
    if (liveFeed.listeners() >= LISTENERS_MAX) {
      throw new ProblemError(
        problem("unavailable", 503, "Too many listen already", { retryAfterSeconds: RETRY_MS / 1_000 }),
      );
    }
    response.writeHead(200, {
      "Content-Type": "text/event-stream; charset=utf-8",
      "Cache-Control": "no-store",
      // nginx would buffer events otherwise.
      "X-Accel-Buffering": "no",
    });
    if (request.method === "HEAD") return void response.end();
    response.write(`retry: ${RETRY_MS}\n\n`);
    const send = (text: string) => {
      if (response.writableLength > WAITING_BYTES_MAX) response.destroy();
      else response.write(text);
    };
    const stops = [liveFeed.listen(send, request.get("Last-Event-ID"))];
    if (query.details !== undefined) stops.push(liveDetailsFeed.listen(send));
    // A browser reconnects by itself, with the cookie that it has then.
    const endsInMs = sessionEnd(request);
    if (endsInMs !== undefined) {
      const timer = setTimeout(() => response.end(), endsInMs).unref();
      stops.push(() => clearTimeout(timer));
    }
    response.once("close", () => {
      for (const stop of stops) stop();
    });
  },
});
