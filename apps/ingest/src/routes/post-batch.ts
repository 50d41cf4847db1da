import {
  type FieldError,
  fieldErrors,
  invalidRequest,
  sendProblem,
} from "@model-views/shared/contracts/problems.ts";
import type { ViewEvent } from "@model-views/shared/contracts/view-event.ts";
import {
  type AcceptedBatch,
  postedBatchSchema,
  postedViewSchema,
} from "@model-views/shared/contracts/views.ts";
import { readJson, refuseBody } from "@model-views/shared/http/read-json.ts";
import type { RequestHandler } from "express";
import { keyNeeded } from "../guards/key-needed.ts";
import type { MakeViewDeps } from "../view/make-view.ts";
import type { AcceptViewDeps } from "./post-view.ts";
import { unavailable } from "./unavailable.ts";

/** Bytes of the body of a batch: 500 views with a user agent each fit. */
const BODY_BYTES_MAX = 1024 * 1024;

const TIME_IMPLAUSIBLE = { path: "viewedAt", message: "must be between 1990 and 5 minutes from now" };

export type PostBatchDeps = Omit<AcceptViewDeps, "makeView"> &
  Pick<MakeViewDeps, "enrichView" | "viewers" | "ownHosts" | "isIgnored" | "now"> & {
    /** Called with how many views of a batch are not valid, and what is wrong with the first of them. */
    onRejected: (views: number, first: FieldError) => void;
  };

/** What became of one of the posted views. */
type Judged = { view: ViewEvent } | { ignored: true } | { errors: FieldError[] };

/**
 * `POST /v1/views/batch`: 1 to 500 views from a server. Each view is judged on its own: the good ones are durable,
 * all together, when the `202` arrives, and the bad ones are listed in it. A browser's request is refused, whichever
 * key a website adds to what it passes on.
 */
export function postBatch(deps: PostBatchDeps): RequestHandler {
  const { guard, accept, enrichView, viewers, ownHosts, isIgnored, now } = deps;
  const { onRefused, onIgnored, onRejected } = deps;

  return async (request, response) => {
    const sender = guard(request, response);
    if (sender === undefined) return;
    if (!sender.hasKey || sender.isBrowser) {
      request.resume();
      return sendProblem(response, keyNeeded("Only a server with a key may post batches"));
    }
    const body = await readJson(request, BODY_BYTES_MAX);
    if (!body.ok) return refuseBody(request, response, body.problem);
    const batch = postedBatchSchema.safeParse(body.value);
    if (!batch.success) return sendProblem(response, invalidRequest(batch.error));

    const { views: posted, backfill } = batch.data;
    const judged = judgeEach(posted, { backfill, now: now() });
    try {
      if (judged.views.length > 0) await accept(judged.views);
    } catch (error) {
      onRefused(error, judged.views.length);
      return sendProblem(response, unavailable(judged.views));
    }
    const { views, rejected, ignored } = judged;
    if (ignored > 0) onIgnored(ignored);
    const [first] = rejected[0]?.errors ?? [];
    if (first !== undefined) onRejected(rejected.length, first);
    const answer: AcceptedBatch = { accepted: views.length, rejected, ...(ignored > 0 ? { ignored } : {}) };
    response.status(202).set("Cache-Control", "no-store").json(answer);
  };

  function judgeEach(posted: unknown[], { backfill, now }: { backfill: boolean; now: Date }) {
    const views: ViewEvent[] = [];
    const rejected: AcceptedBatch["rejected"] = [];
    let ignored = 0;
    for (const [index, value] of posted.entries()) {
      const judged = judge(value, { backfill, now });
      if ("errors" in judged) rejected.push({ index, errors: judged.errors });
      else if ("ignored" in judged) ignored += 1;
      else views.push(judged.view);
    }
    return { views, rejected, ignored };
  }

  function judge(value: unknown, { backfill, now }: { backfill: boolean; now: Date }): Judged {
    const parsed = postedViewSchema.safeParse(value);
    if (!parsed.success) return { errors: fieldErrors(parsed.error) };
    const posted = parsed.data;
    const { ipAddress: address, userAgent } = posted;
    if (address !== undefined && isIgnored(address)) return { ignored: true };
    const view = enrichView(posted, {
      viewerIdentifier: viewers.ofServer(posted),
      address,
      userAgent,
      // The request is a server's: no header of it speaks of the page.
      isOwnHost: ownHosts(posted, {}),
      now,
      timeSource: backfill ? "backfill" : "server",
    });
    // Whoever fills in the past means the time that is given: another one would be a wrong figure.
    return backfill && view.viewedAtReplaced ? { errors: [TIME_IMPLAUSIBLE] } : { view };
  }
}
