// Uses every entry by import. Prints what came of it.
import { createModelViews, isPrefetch, ModelViewsError } from "model-views-client";
import { fetchCookies } from "model-views-client/cookies";
import { createNextModelViews } from "model-views-client/next";
import { useTrackModelView } from "model-views-client/react";

const [ingestUrl, modelId] = process.argv.slice(2);
const modelViews = createModelViews({ ingestUrl, viewerIdSalt: "a salt" });
const answered = new Headers();
const viewer = await modelViews.getOrCreateViewerIdentifier(fetchCookies(new Headers(), answered));
const tracked = await modelViews.trackModelView(modelId, viewer);
const failed = await createNextModelViews({})
  .orThrow.getStats([modelId])
  .catch((error) => error);
process.stdout.write(
  JSON.stringify({
    node: process.version,
    tracked,
    setCookies: answered.getSetCookie().length,
    hasOneErrorClass: failed instanceof ModelViewsError,
    isPrefetch: isPrefetch({ purpose: "prefetch" }),
    hook: typeof useTrackModelView,
  }),
);
