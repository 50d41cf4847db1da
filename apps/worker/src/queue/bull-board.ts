import { createApiKeyCheck } from "@model-views/shared/http/api-keys.ts";
import { credentialsOf } from "@model-views/shared/http/credentials.ts";
import { viewsIn } from "@model-views/shared/queue/accounts.ts";
import type { Queue } from "bullmq";
import express, { type RequestHandler, type Router } from "express";

/** Where Bull Board is on the admin port. */
const PATH = "/queues";

/**
 * Its page has inline styles, and asks for a font of another host, which it does not get: it takes another font. Scripts are its own files
 * alone.
 */
const POLICY =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'self'; form-action 'none'; frame-ancestors 'none'";

export type BullBoardOptions = {
  queue: Queue;
  /** Each lets its owner look. */
  adminKeys: readonly string[];
  isDevelopment: boolean;
};

/**
 * Bull Board (https://github.com/felixmosh/bull-board) at `/queues`, for those who know it from other systems. It changes nothing, and
 * shows of a batch how many views it has, because these may name viewers. Browsers ask for a user, who may be any, and a password, which is
 * an admin key. Without keys it is there in development, for this machine alone.
 *
 * It is loaded when it is asked for the first time.
 */
export function bullBoard({ queue, adminKeys, isDevelopment }: BullBoardOptions): Router {
  const router = express.Router();
  let loaded: Promise<RequestHandler> | undefined;
  // Its own mode for reading alone leaves some routes open, such as the one that pauses all queues.
  router.use(PATH, (request, response, next) => {
    if (request.method === "GET" || request.method === "HEAD") return next();
    response.status(405).set("Allow", "GET, HEAD").send("Bull Board changes nothing here\n");
  });
  router.use(
    PATH,
    requireKey(createApiKeyCheck(adminKeys, { isDevelopment })),
    async (request, response, next) => {
      loaded ??= load(queue);
      response.set({
        "Content-Security-Policy": POLICY,
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
      });
      (await loaded)(request, response, next);
    },
  );
  return router;
}

async function load(queue: Queue): Promise<RequestHandler> {
  const [{ createBullBoard }, { BullMQAdapter }, { ExpressAdapter }] = await Promise.all([
    import("@bull-board/api"),
    import("@bull-board/api/bullMQAdapter"),
    import("@bull-board/express"),
  ]);
  const adapter = new BullMQAdapter(queue, { readOnlyMode: true, allowRetries: false });
  adapter.setFormatter("data", (data) => ({ views: viewsIn(data) }));
  const server = new ExpressAdapter();
  server.setBasePath(PATH);
  createBullBoard({
    queues: [adapter],
    serverAdapter: server,
    options: { uiConfig: { boardTitle: "model-views" } },
  });
  return server.getRouter() as RequestHandler;
}

/** Lets a key in as Bearer, or as the password of Basic, which is what a browser can send. */
function requireKey(hasKey: ReturnType<typeof createApiKeyCheck>): RequestHandler {
  return (request, response, next) => {
    const credentials = credentialsOf(request);
    const password = passwordOf(request.headers.authorization);
    const given =
      password === undefined ? credentials : { ...credentials, authorization: `Bearer ${password}` };
    if (hasKey(given)) return next();
    response
      .status(401)
      .set("WWW-Authenticate", 'Basic realm="an admin key as password", charset="UTF-8"')
      .send("An admin key is needed\n");
  };
}

function passwordOf(authorization: string | undefined): string | undefined {
  const [, encoded] = /^Basic +([\w+/=-]+)$/i.exec(authorization ?? "") ?? [];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, "base64").toString("utf8");
  return text.slice(text.indexOf(":") + 1);
}
