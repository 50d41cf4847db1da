// A website's own test, in Jest with CommonJS and none of its settings.
const { createModelViews, ModelViewsError } = require("model-views-client");
const { nodeCookies } = require("model-views-client/cookies");
const { useTrackModelView } = require("model-views-client/react");

test("a view is posted", async () => {
  const fetch = jest.fn(async () => Response.json({ id: "1" }, { status: 202 }));
  const modelViews = createModelViews({ ingestUrl: "http://ingest", viewerIdSalt: "a salt", fetch });
  const setHeader = jest.fn();
  const cookies = nodeCookies({ headers: {} }, { getHeader: () => undefined, setHeader });
  const viewer = await modelViews.getOrCreateViewerIdentifier(cookies);
  expect(await modelViews.trackModelView("0190aaaa-0000-7000-8000-00000000000a", viewer)).toEqual({
    success: true,
    data: { success: true },
  });
  expect(fetch).toHaveBeenCalledTimes(1);
  expect(setHeader).toHaveBeenCalledTimes(1);
  expect(typeof useTrackModelView).toBe("function");
  await expect(modelViews.orThrow.getModelViewStats("anna")).rejects.toThrow(ModelViewsError);
});
