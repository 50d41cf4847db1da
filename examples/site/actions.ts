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

/** What the profile page calls when it is shown. It answers within a second, even when ingest is away. */
export async function viewProfile(modelId: string): Promise<ActionState<{ success: boolean }>> {
  const asked = await headers();
  // Null for a visitor who asks for privacy: they get no cookie.
  const viewer = await modelViews.getOrCreateViewerIdentifier(cookies(), asked);
  // The header is the one that the proxy in front of the website sets; X-Forwarded-For anybody can send.
  const { ipAddress, userAgent } = viewMetadata(asked, { addressHeader: "x-real-ip" });
  return modelViews.trackModelView(modelId, viewer, { ipAddress, userAgent });
}

/** What a profile and its list say of their popularity; null where the statistics are away. */
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
