import { createModelViews } from "model-views-client";

export const modelViews = createModelViews({
  ingestUrl: process.env.INGEST_URL,
  statsUrl: process.env.STATS_URL,
  serverKey: process.env.SERVER_KEY,
  statsKey: process.env.STATS_KEY,
  viewerIdSalt: process.env.VIEWER_ID_SALT,
  timeoutMs: Number(process.env.MODEL_VIEWS_TIMEOUT_MS ?? 1_000),
});
