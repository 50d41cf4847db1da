import type { IncomingHttpHeaders } from "node:http";
import { text } from "node:stream/consumers";
import { bundleTracker } from "../build/bundle-tracker.ts";
import { type Served, serve } from "./serve.ts";

/** A view that a browser posted. */
export type Post = {
  view: {
    modelId: string;
    id: string;
    viewedAt: string;
    referrer: string;
    path: string;
    token?: string;
    automated?: boolean;
  };
  headers: IncomingHttpHeaders;
};

/** Stands in for ingest in tests of the script: serves the script, and records the posted views. */
export type StandIn = Served & {
  posts: Post[];
  /** Resolves when there is a post. */
  posted: () => Promise<void>;
  /** The posted models, in order. */
  models: () => string[];
  /** Every request, as `POST /v1/views`. */
  requests: string[];
};

let trackerBundle: Promise<string> | undefined;

export async function startStandIn(): Promise<StandIn> {
  trackerBundle ??= bundleTracker();
  const tracker = await trackerBundle;
  const posts: Post[] = [];
  const { promise: posted, resolve: hasPost } = Promise.withResolvers<void>();
  const requests: string[] = [];
  const served = await serve(async (request, response) => {
    requests.push(`${request.method} ${request.url}`);
    const { origin } = request.headers;
    if (request.url === "/tracker.js") {
      const headers = { "Content-Type": "text/javascript", "Access-Control-Allow-Origin": "*" };
      return void response.writeHead(200, headers).end(tracker);
    }
    const body = await text(request).catch(() => "");
    if (request.method === "POST" && body !== "") {
      posts.push({ view: JSON.parse(body), headers: request.headers });
      hasPost();
    }
    response.writeHead(202, {
      "Content-Type": "application/json",
      ...(origin === undefined
        ? {}
        : { "Access-Control-Allow-Origin": origin, "Access-Control-Allow-Credentials": "true" }),
    });
    response.end("{}");
  });
  return {
    ...served,
    posts,
    posted: () => posted,
    requests,
    models: () => posts.map(({ view }) => view.modelId),
  };
}
