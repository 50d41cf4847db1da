"use server";

import { type ActionState, createModelViews } from "model-views-client";
import { cookies, headers } from "next/headers";

const modelViews = createModelViews({
  ingestUrl: process.env["INGEST_URL"],
  statsUrl: process.env["STATS_URL"],
  serverKey: process.env["SERVER_KEY"],
  statsKey: process.env["STATS_KEY"],
  viewerIdSalt: process.env["VIEWER_ID_SALT"],
  isProduction: process.env["NODE_ENV"] === "production",
});

/** What the profile page calls when it is shown. It answers within a second, whatever the services do. */
export async function viewProfile(modelId: string): Promise<ActionState<{ success: boolean }>> {
  const known = await headers();
  return modelViews.trackModelView(modelId, await modelViews.getOrCreateViewerIdentifier(cookies()), {
    // As the proxy in front of the website sets it; X-Forwarded-For anybody can send.
    ipAddress: known.get("x-real-ip"),
    userAgent: known.get("user-agent"),
  });
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
