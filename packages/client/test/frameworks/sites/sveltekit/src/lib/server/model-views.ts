import { createModelViews } from "model-views-client";
import * as env from "$app/env/private";

export const modelViews = createModelViews({
  ingestUrl: env.INGEST_URL,
  statsUrl: env.STATS_URL,
  serverKey: env.SERVER_KEY,
  statsKey: env.STATS_KEY,
  viewerIdSalt: env.VIEWER_ID_SALT,
  timeoutMs: Number(env.MODEL_VIEWS_TIMEOUT_MS ?? 1_000),
});
