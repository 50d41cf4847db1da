import { createNextModelViews } from "model-views-client/next";

export const modelViews = createNextModelViews(() => ({
  ingestUrl: process.env["INGEST_URL"],
  statsUrl: process.env["STATS_URL"],
  serverKey: "a key",
  viewerIdSalt: "a salt for tests",
  addressHeader: "x-real-ip",
  // So long that a test would fail if anything waited for it.
  timeoutMs: 60_000,
}));
