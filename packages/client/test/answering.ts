import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { test as base } from "vitest";
import type { ModelViewsConfig } from "../src/config.ts";
import { createModelViews } from "../src/create-model-views.ts";
import type { ModelViews } from "../src/model-views.ts";
import { serve } from "./serve.ts";

/** A request that a service received. */
export type Received = { line: string; headers: IncomingMessage["headers"]; body: string };

/** The server functions of a website, and the requests that the services received from them. */
export type Site = ModelViews & { requests: Received[]; url: string };

export const answeringTest = base.extend<{
  /** Starts one server for both services. It answers each request with the next of these, and then always with the last. */
  answering: (answers: readonly RequestListener[], config?: ModelViewsConfig) => Promise<Site>;
}>({
  answering: async ({ task: _ }, use) => {
    const servers: { close: () => Promise<void> }[] = [];
    await use(async (answers, config = {}) => {
      const requests: Received[] = [];
      const server = await serve(async (request, response) => {
        const answer = answers[Math.min(requests.length, answers.length - 1)];
        const { method, url, headers } = request;
        const entry = { line: `${method} ${url}`, headers, body: "" };
        requests.push(entry);
        entry.body = await text(request).catch(() => "");
        answer?.(request, response);
      });
      servers.push(server);
      const { url } = server;
      return { ...createModelViews({ ingestUrl: url, statsUrl: url, ...config }), requests, url };
    });
    await Promise.all(servers.map((server) => server.close()));
  },
});

/** Answers with this status and body, as JSON unless it is a text. */
export function answer(status: number, body: unknown, headers: Record<string, string> = {}): RequestListener {
  return (_, response: ServerResponse) => {
    response.writeHead(status, { "Content-Type": "application/json", ...headers });
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  };
}

export const cutOff: RequestListener = (request) => request.socket.destroy();
export const never: RequestListener = () => {};
