import {
  type FieldError,
  fieldErrors,
  invalidRequest,
  sendProblem,
} from "@model-views/shared/contracts/problems.ts";
import type { ViewEvent } from "@model-views/shared/contracts/view-event.ts";
import {
  type AcceptedBatch,
  hasUnknownField,
  postedBatchSchema,
  postedViewSchema,
} from "@model-views/shared/contracts/views.ts";
import { readJson, refuseBody } from "@model-views/shared/http/read-json.ts";
import type { RequestHandler } from "express";
import { keyNeeded } from "../guards/browser-view.ts";
import type { MakeViewDeps } from "../view/make-view.ts";
import { type AcceptViewDeps, unavailable } from "./post-view.ts";

/** Bytes of the body of a batch: enough for 500 views with a user agent each. */
const BODY_BYTES_MAX = 1024 * 1024;

const TIME_IMPLAUSIBLE = { path: "viewedAt", message: "must be between 1990 and 5 minutes from now" };

export type PostBatchDeps = Omit<AcceptViewDeps, "makeView"> &
  Pick<MakeViewDeps, "enrichView" | "viewers" | "ownHosts" | "isIgnored" | "now"> & {
    /** Called with the number of invalid views in a batch, and the first error. */
    onRejected: (views: number, first: FieldError) => void;
  };

/** The outcome of one posted view. */
type CheckedView = { view: ViewEvent } | { ignored: true } | { errors: FieldError[] };

/**
 * `POST /v1/views/batch`: 1 to 500 views from a server. Each view is checked on its own. All valid ones are durable when
 * the `202` arrives; the others are listed in it. A browser's request is refused, even if a website passes it on with a
 * key.
 */
export function postBatch(deps: PostBatchDeps): RequestHandler {
  const { guard, accept, enrichView, viewers, ownHosts, isIgnored, now } = deps;
  const { onRefused, onIgnored, onUnknownField, onRejected } = deps;

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
    const checked = checkEach(posted, { backfill, now: now() });
    try {
      if (checked.views.length > 0) await accept(checked.views);
    } catch (error) {
      onRefused(error, checked.views.length);
      return sendProblem(response, unavailable(checked.views));
    }
    const { views, rejected, ignored } = checked;
    if (ignored > 0) onIgnored(ignored);
    const [first] = rejected[0]?.errors ?? [];
    if (first !== undefined) onRejected(rejected.length, first);
    const answer: AcceptedBatch = { accepted: views.length, rejected, ...(ignored > 0 ? { ignored } : {}) };
    response.status(202).set("Cache-Control", "no-store").json(answer);
  };

  function checkEach(posted: unknown[], { backfill, now }: { backfill: boolean; now: Date }) {
    const views: ViewEvent[] = [];
    const rejected: AcceptedBatch["rejected"] = [];
    let ignored = 0;
    for (const [index, value] of posted.entries()) {
      const checked = check(value, { backfill, now });
      if ("errors" in checked) rejected.push({ index, errors: checked.errors });
      else if ("ignored" in checked) ignored += 1;
      else views.push(checked.view);
    }
    return { views, rejected, ignored };
  }

  function check(value: unknown, { backfill, now }: { backfill: boolean; now: Date }): CheckedView {
    const parsed = postedViewSchema.safeParse(value);
    if (!parsed.success) return { errors: fieldErrors(parsed.error) };
    if (hasUnknownField(value)) onUnknownField();
    const posted = parsed.data;
    const { ipAddress: address, userAgent } = posted;
    if (address !== undefined && isIgnored(address)) return { ignored: true };
    const view = enrichView(posted, {
      viewerIdentifier: viewers.ofServer(posted),
      address,
      userAgent,
      // A server sent the request, so its headers say nothing about the page.
      isOwnHost: ownHosts(posted, {}),
      now,
      timeSource: backfill ? "backfill" : "server",
    });
    // A backfill means exactly the time that it gives: a replaced one would be wrong.
    return backfill && view.viewedAtReplaced ? { errors: [TIME_IMPLAUSIBLE] } : { view };
  }
}
