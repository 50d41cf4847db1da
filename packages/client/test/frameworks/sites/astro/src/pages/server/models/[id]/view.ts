import type { APIRoute } from "astro";
import { modelViews } from "../../../../lib/model-views";

export const POST: APIRoute = async ({ params, request, cookies }) => {
  const viewer = await modelViews.getOrCreateViewerIdentifier(cookies, request.headers);
  const { success } = await modelViews.trackModelView(params.id ?? "", viewer, {
    ipAddress: request.headers.get("x-real-ip"),
    userAgent: request.headers.get("user-agent"),
  });
  return new Response(null, { status: success ? 204 : 503 });
};
