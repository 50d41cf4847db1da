"use server";

import { type ActionState, createModelViews, viewMetadata } from "model-views-client";
import { cookies, headers } from "next/headers";

const modelViews = createModelViews(() => ({
  ingestUrl: process.env["INGEST_URL"],
  statsUrl: process.env["STATS_URL"],
  serverKey: process.env["SERVER_KEY"],
  statsKey: process.env["STATS_KEY"],
  viewerIdSalt: process.env["VIEWER_ID_SALT"],
  isProduction: process.env["NODE_ENV"] === "production",
}));

/** Called by the profile page when it is shown. Returns within a second, even when ingest is down. */
export async function viewProfile(modelId: string): Promise<ActionState<{ success: boolean }>> {
  const requestHeaders = await headers();
  // Null for a visitor who asks for privacy: they get no cookie.
  const viewer = await modelViews.getOrCreateViewerIdentifier(cookies(), requestHeaders);
  // The header that the proxy in front of the website sets. Any visitor can send X-Forwarded-For.
  const { ipAddress, userAgent } = viewMetadata(requestHeaders, { addressHeader: "x-real-ip" });
  return modelViews.trackModelView(modelId, viewer, { ipAddress, userAgent });
}

/** The popularity that a profile and a list show; null while the stats API is down. */
export async function popularity(
  modelId: string,
): Promise<{ viewers: number | null; mostViewed: string[] | null }> {
  const [stats, top] = await Promise.all([
    modelViews.getModelViewStats(modelId),
    modelViews.getTopViewedModels(10),
  ]);
  return {
    viewers: stats.success ? stats.data.uniqueViews : null,
    mostViewed: top.success ? top.data.map(({ name }) => name) : null,
  };
}
