// Every type of the package, under the strictest settings and without those of Node or a browser.
import {
  type ActionState,
  type CookieStore,
  createModelViews,
  getOrCreateViewerIdentifier,
  type ModelViewStats,
  type ModelViews,
  signPageToken,
  type TopViewedModel,
} from "model-views-client";
import { TrackView, useTrackModelView } from "model-views-client/react";

export const modelViews: ModelViews = createModelViews({ ingestUrl: "http://ingest", timeoutMs: 500 });
export const stats: Promise<ActionState<ModelViewStats>> = modelViews.getModelViewStats("id");
export const top: Promise<ActionState<TopViewedModel[]>> = modelViews.getTopViewedModels(10, "women");
export const tracked: Promise<ActionState<{ success: boolean }>> = modelViews.trackModelView("id", "viewer", {
  ipAddress: null,
  userAgent: "A browser",
});
export function viewer(cookies: Promise<CookieStore>): Promise<string> {
  return getOrCreateViewerIdentifier(cookies, { salt: "salt", isProduction: true });
}
export const token: Promise<string> = signPageToken("id", { secret: "secret", expiresAt: new Date() });
export function Profile(): null {
  useTrackModelView("id");
  useTrackModelView(undefined, { ingestUrl: "https://views.example.com" });
  // @ts-expect-error: a model has an id of letters
  useTrackModelView(7);
  return TrackView({ modelId: "id", ingestUrl: "https://views.example.com", token: "signed" });
}
