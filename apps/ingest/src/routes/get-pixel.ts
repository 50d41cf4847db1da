import { invalidRequest, sendProblem } from "@model-views/shared/contracts/problems.ts";
import { postedViewSchema } from "@model-views/shared/contracts/views.ts";
import type { RequestHandler, Response } from "express";
import { type AcceptViewDeps, unavailable } from "./post-view.ts";

/** A transparent GIF of one pixel, 43 bytes. */
const GIF = Buffer.from("R0lGODlhAQABAID/AMDAwAAAACH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==", "base64");
const GIF_HEADERS = {
  "Content-Type": "image/gif",
  "Cache-Control": "no-store",
  "Cross-Origin-Resource-Policy": "cross-origin",
};

/** A view by image, for pages without script: only fields that a browser may set. */
const pixelSchema = postedViewSchema.pick({ modelId: true, path: true, referrer: true, token: true });

/**
 * `GET /v1/views/<model id>.gif`: the same as posting a view, answered with an image that is never cached. A prefetch
 * is not a view yet, and a `HEAD` (from a link checker) never is one.
 */
export function getPixel({
  guard,
  makeView,
  accept,
  onRefused,
  onIgnored,
}: Omit<AcceptViewDeps, "onUnknownField">): RequestHandler {
  return async (request, response) => {
    const sender = guard(request, response);
    if (sender === undefined) return;
    const parsed = pixelSchema.safeParse({ ...request.query, ...request.params });
    if (!parsed.success) return sendProblem(response, invalidRequest(parsed.error));
    if (request.method === "HEAD" || isPrefetch(request.headers)) return sendImage(response);
    const made = makeView(parsed.data, request, sender);
    if ("problem" in made) return sendProblem(response, made.problem);
    if ("ignored" in made) {
      onIgnored(1);
    } else {
      try {
        await accept([made.view]);
      } catch (error) {
        onRefused(error, 1);
        return sendProblem(response, unavailable([made.view]));
      }
      if (made.setCookie !== undefined) response.setHeader("Set-Cookie", made.setCookie);
    }
    sendImage(response);
  };
}

function sendImage(response: Response): void {
  response.set(GIF_HEADERS).send(GIF);
}

function isPrefetch(headers: NodeJS.Dict<string | string[]>): boolean {
  return [headers["sec-purpose"], headers["purpose"], headers["x-purpose"], headers["x-moz"]].some((value) =>
    /prefetch|preview/i.test(String(value ?? "")),
  );
}
