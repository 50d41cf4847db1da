// Uses every entry by require. Prints what came of it.
const { createModelViews, isPrefetch, ModelViewsError } = require("model-views-client");
const { fetchCookies } = require("model-views-client/cookies");
const { createNextModelViews } = require("model-views-client/next");
const { useTrackModelView } = require("model-views-client/react");

async function use() {
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
}

use();
