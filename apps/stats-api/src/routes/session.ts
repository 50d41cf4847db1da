import { problem } from "@model-views/shared/contracts/problems.ts";
import {
  type SessionAnswer,
  sessionBodySchema,
  signedInSchema,
  signedOutSchema,
} from "@model-views/shared/contracts/session.ts";
import { ProblemError } from "@model-views/shared/http/express-problems.ts";
import manifest from "../../package.json" with { type: "json" };
import { isOfSamePage, NOT_OUR_PAGE } from "../guards/session-cookie.ts";
import { noQuery } from "../http/parameters.ts";
import { defineRoute } from "../http/route.ts";
import type { RouteDeps } from "./deps.ts";

export const getSessionRoute = defineRoute({
  id: "getSession",
  method: "get",
  path: "/v1/session",
  summary: "Who is signed in, and what a dashboard has to know of the site",
  description: "Without a key and a session, where one is needed, the answer is that alone.",
  access: "anyone",
  query: noQuery,
  answers: {
    200: {
      description: "The reader, or that one has to sign in",
      json: { SignedIn: signedInSchema, SignedOut: signedOutSchema },
    },
  },
  examples: {
    signedOut: { summary: "Without a key", status: 200, answer: { isSignedIn: false } },
  },
  async handle(
    { request, response },
    { reader, siteInfo, now }: Pick<RouteDeps, "reader" | "siteInfo" | "now">,
  ) {
    response.set("Cache-Control", "no-store");
    const { mayRead, ...known } = reader(request);
    if (!mayRead) return void response.json({ isSignedIn: false });
    const answer: SessionAnswer = {
      isSignedIn: true,
      ...known,
      ...(await siteInfo()),
      now: now().toISOString(),
      version: manifest.version,
    };
    response.json(answer);
  },
});

export const beginSessionRoute = defineRoute({
  id: "beginSession",
  method: "post",
  path: "/v1/session",
  summary: "Signs in with a key",
  description:
    "Sets a cookie that works in place of the key for 12 hours, and longer while it is used. It is for pages of this service: a request of a page of another origin with it changes nothing.",
  access: "anyone",
  query: noQuery,
  body: { SessionBody: sessionBodySchema },
  answers: { 204: { description: "The cookie is set" } },
  examples: {
    wrong: {
      summary: "A wrong key",
      body: { key: "a key that is none of yours" },
      status: 401,
      answer: {
        type: "urn:model-views:problem:key-needed",
        title: "A key is needed",
        status: 401,
        detail: "This is none of STATS_KEYS and ADMIN_KEYS",
      },
    },
  },
  handle(
    { body: { key }, request, response },
    {
      sessions,
      sessionCookie,
      wrongKeyLimit,
      onWrongKey,
      clientAddress,
    }: Pick<RouteDeps, "sessions" | "sessionCookie" | "wrongKeyLimit" | "onWrongKey" | "clientAddress">,
  ) {
    // Otherwise a page of another site could sign a reader in with a key of its choice.
    if (hasPage(request.headers) && !isOfSamePage(request)) {
      throw new ProblemError(problem("forbidden-origin", 403, NOT_OUR_PAGE));
    }
    const address = clientAddress(request);
    const text = sessions.begin(key.trim());
    if (text === undefined) {
      // A right key always passes: others at the same address, behind a proxy, must not be able to lock its reader out.
      const retryAfterSeconds = wrongKeyLimit.waitSeconds(address);
      if (retryAfterSeconds !== undefined) {
        throw new ProblemError(
          problem("too-many-requests", 429, "Too many wrong keys came from this address", {
            retryAfterSeconds,
          }),
        );
      }
      wrongKeyLimit.onWrong(address);
      onWrongKey();
      throw new ProblemError(problem("key-needed", 401, "This is none of STATS_KEYS and ADMIN_KEYS"));
    }
    sessionCookie.set(request, response, text);
    response.status(204).set("Cache-Control", "no-store").end();
  },
});

export const endSessionRoute = defineRoute({
  id: "endSession",
  method: "delete",
  path: "/v1/session",
  summary: "Signs out",
  description: "Deletes the cookie. A copy of it is valid until it ends, or until its key is replaced.",
  access: "anyone",
  query: noQuery,
  answers: { 204: { description: "There is no session any more" } },
  examples: {},
  handle({ request, response }, { sessionCookie }: Pick<RouteDeps, "sessionCookie">) {
    sessionCookie.clear(request, response);
    response.status(204).set("Cache-Control", "no-store").end();
  },
});

/** Whether a browser sent it for a page: programs send neither header. */
function hasPage(headers: NodeJS.Dict<string | string[]>): boolean {
  return headers["origin"] !== undefined || headers["sec-fetch-site"] !== undefined;
}
