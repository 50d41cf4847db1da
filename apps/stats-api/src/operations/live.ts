import { LIVE_MINUTES } from "@model-views/shared/contracts/live.ts";
import { noQuery } from "../http/request-schemas.ts";
import { AS_OF } from "./example-world.ts";
import type { Operation } from "./operation.ts";

const FIGURES = { views: 2, viewers: 2, asOf: AS_OF };

/** What happens now. */
export const liveOperations = {
  live: {
    id: "watchLive",
    method: "get",
    path: "/v1/live",
    summary: `Views and viewers of the last ${LIVE_MINUTES} minutes, pushed whenever they change`,
    description:
      "Server-sent events. The data of `event: figures` is JSON of the schema LiveStats; `event: unavailable` is sent while PostgreSQL is away. Who comes back with `Last-Event-ID` is told only what is new.",
    key: "read",
    query: noQuery,
    answers: { 200: { description: "Events without end", text: "text/event-stream" } },
    examples: {
      first: {
        summary: "The first event",
        status: 200,
        answer: `retry: 3000\n\nevent: figures\nid: 2-2\ndata: ${JSON.stringify(FIGURES)}\n\n`,
      },
    },
  },
} as const satisfies Record<string, Operation>;
