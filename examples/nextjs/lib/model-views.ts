import { createNextModelViews } from "model-views-client/next";

/**
 * The connection of this site to model-views. The settings are read at the first request and not at the build, so one
 * build runs anywhere.
 */
export const modelViews = createNextModelViews(() => ({
  ingestUrl: process.env["INGEST_URL"] || "http://127.0.0.1:4001",
  statsUrl: process.env["STATS_URL"] || "http://127.0.0.1:4002",
  serverKey: process.env["SERVER_KEY"],
  statsKey: process.env["STATS_KEY"],
  adminKey: process.env["ADMIN_KEY"],
  viewerIdSalt: process.env["VIEWER_ID_SALT"],
  // Over plain HTTP, as on this machine, some browsers refuse a cookie that is for HTTPS only.
  isProduction: siteUrl().protocol === "https:",
  // Where a proxy stands in front of the site, the header in which it puts the visitor's address.
  addressHeader: process.env["ADDRESS_HEADER"],
  // For calls that no page waits for: posting views, storing models. For counts see stats.ts.
  timeoutMs: 3_000,
}));

/** The address of the site for visitors. */
export function siteUrl(): URL {
  return new URL(process.env["SITE_URL"] || "http://localhost:3000");
}
