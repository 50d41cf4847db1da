import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { modelBodySchema } from "@model-views/shared/contracts/models.ts";
import { fieldErrors, problem, sendProblem } from "@model-views/shared/contracts/problems.ts";
import { type PostedView, postedBatchSchema, postedViewSchema } from "@model-views/shared/contracts/views.ts";

/** A request as it came in. */
export type Received = { method: string; path: string; authorization: string | undefined; body: string };

/** What to do with a request instead of answering it: a status with headers, or no answer at all. */
export type Refusal = { status: number; headers?: Record<string, string>; detail?: string } | "hang up";

/** Ingest and stats API in one, as far as an import uses them: with the real validators, and nothing behind them. */
export type FakeServices = {
  url: string;
  models: Map<string, string>;
  /** Accepted views, in the order in which they came. */
  views: PostedView[];
  received: Received[];
  /** Months of which retention has removed views: `2015-05`. */
  monthsRemoved: Set<string>;
  /** Views that came before their model. */
  early: PostedView[];
  close: () => Promise<void>;
};

/** Starts on any free port. `refuse` is called before each answer. */
export async function openFakeServices(
  refuse: (received: Received) => Refusal | undefined = () => undefined,
): Promise<FakeServices> {
  const models = new Map<string, string>();
  const views: PostedView[] = [];
  const early: PostedView[] = [];
  const received: Received[] = [];
  const monthsRemoved = new Set<string>();

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "", url: path = "" } = request;
    const body = await text(request);
    const one = { method, path, authorization: request.headers.authorization, body };
    received.push(one);
    const refused = refuse(one);
    if (refused === "hang up") return void request.socket.destroy();
    if (refused !== undefined) {
      for (const [name, value] of Object.entries(refused.headers ?? {})) response.setHeader(name, value);
      return sendProblem(response, problem("unavailable", refused.status, refused.detail ?? "Refused"));
    }
    if (path === "/livez") return json(response, 200, { status: "ok" });
    if (path === "/v1/views/batch") return json(response, 202, takeBatch(body));
    if (path.startsWith("/v1/models/stats?ids=")) return json(response, 200, statsOf(path));
    if (path.startsWith("/v1/breakdown?")) {
      const query = new URLSearchParams(path.split("?")[1]);
      const isRemoved = monthsRemoved.has((query.get("from") ?? "").slice(0, 7));
      // Without bots, what is stored of the days has the answer.
      return json(response, 200, { items: [], isIncomplete: isRemoved && query.get("bots") === "include" });
    }
    if (method === "PUT") return putModel(response, path, body);
    sendProblem(response, problem("not-found", 404, "There is nothing here"));
  }

  function takeBatch(body: string) {
    const posted = postedBatchSchema.parse(JSON.parse(body));
    const rejected: unknown[] = [];
    for (const [index, value] of posted.views.entries()) {
      const view = postedViewSchema.safeParse(value);
      if (!view.success) rejected.push({ index, errors: fieldErrors(view.error) });
      else if (new Date(view.data.viewedAt ?? "") < new Date("1990-01-01T00:00:00Z"))
        rejected.push({ index, errors: [{ path: "viewedAt", message: "must be between 1990 and now" }] });
      else {
        if (!models.has(view.data.modelId)) early.push(view.data);
        views.push(view.data);
      }
    }
    return { accepted: posted.views.length - rejected.length, rejected };
  }

  function statsOf(path: string) {
    const ids = (new URLSearchParams(path.split("?")[1]).get("ids") ?? "").split(",");
    if (ids.length > 200) throw new Error("more than 200 ids");
    const [known, unknown] = [ids.filter((id) => models.has(id)), ids.filter((id) => !models.has(id))];
    const items = known.map((modelId) => ({ modelId, totalViews: 0, uniqueViews: 0, lastViewedAt: null }));
    return { items, unknown, asOf: "2015-05-20T00:00:00.000Z" };
  }

  function putModel(response: ServerResponse, path: string, body: string): void {
    const id = path.split("/").at(-1) ?? "";
    const { name, category } = modelBodySchema.parse(JSON.parse(body));
    const status = models.has(id) ? 200 : 201;
    models.set(id, name);
    json(response, status, { id, name, category, createdAt: "2015-05-20T00:00:00.000Z" });
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      sendProblem(response, problem("internal-error", 500, String(error)));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    models,
    views,
    received,
    monthsRemoved,
    early,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
}
