import { nodeCookies } from "model-views-client/cookies";
import { modelViews } from "./model-views.js";

/** Counts the view of a page that is about to be rendered. The page does not wait until it is counted. */
export async function countView(request, response, modelId) {
  const viewer = await modelViews.getOrCreateViewerIdentifier(
    nodeCookies(request, response),
    request.headers,
  );
  const counted = modelViews.trackModelView(modelId, viewer, {
    ipAddress: request.ip,
    userAgent: request.get("user-agent"),
    referrer: request.get("referer"),
  });
  counted.then(({ error }) => error && console.warn(error));
}
