import { modelViews } from "#lib/server/model-views";

export async function POST({ params, request, cookies, getClientAddress }) {
  const viewer = await modelViews.getOrCreateViewerIdentifier(cookies, request.headers);
  const { success } = await modelViews.trackModelView(params.id, viewer, {
    ipAddress: getClientAddress(),
    userAgent: request.headers.get("user-agent"),
  });
  return new Response(null, { status: success ? 204 : 503 });
}
