import { viewMetadata } from "model-views-client";
import { fetchCookies } from "model-views-client/cookies";
import { modelViews } from "../model-views.server";
import type { Route } from "./+types/view";

export async function action({ params, request }: Route.ActionArgs) {
  const headers = new Headers();
  const cookies = fetchCookies(request.headers, headers);
  const viewer = await modelViews.getOrCreateViewerIdentifier(cookies, request.headers);
  const { ipAddress, userAgent } = viewMetadata(request.headers, { addressHeader: "x-real-ip" });
  const { success } = await modelViews.trackModelView(params.id, viewer, { ipAddress, userAgent });
  return new Response(null, { status: success ? 204 : 503, headers });
}
