// The entry for Next.js, with the types of a real one.
import { createNextModelViews, type NextModelViews } from "model-views-client/next";
import type { NextRequest } from "next/server.js";
import { NextResponse } from "next/server.js";

export const modelViews: NextModelViews = createNextModelViews(() => ({ addressHeader: "x-real-ip" }));
export const { GET, POST } = modelViews.viewsRoute();
export function proxy(request: NextRequest): Promise<Response> {
  return modelViews.withViewer(request, NextResponse.rewrite(new URL("/de", request.url)));
}
export async function viewProfile(modelId: string): Promise<boolean> {
  const tracked = await modelViews.trackView(modelId, { referrer: "https://search.example/" });
  return tracked.success && (await modelViews.viewerIdentifier()) !== null;
}
