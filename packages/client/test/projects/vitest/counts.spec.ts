// A website's own test, in Vitest with none of its settings.
import { createModelViews, ModelViewsError } from "model-views-client";
import { fetchCookies } from "model-views-client/cookies";
import { useTrackModelView } from "model-views-client/react";
import { expect, test, vi } from "vitest";

test("a view is posted", async () => {
  const fetch = vi.fn(async () => Response.json({ id: "1" }, { status: 202 }));
  const modelViews = createModelViews({ ingestUrl: "http://ingest", viewerIdSalt: "a salt", fetch });
  const viewer = await modelViews.getOrCreateViewerIdentifier(fetchCookies(new Headers(), new Headers()));
  expect(await modelViews.trackModelView("0190aaaa-0000-7000-8000-00000000000a", viewer)).toMatchObject({
    success: true,
  });
  expect(fetch).toHaveBeenCalledOnce();
  expect(useTrackModelView).toBeTypeOf("function");
  await expect(modelViews.orThrow.getModelViewStats("anna")).rejects.toThrow(ModelViewsError);
});
