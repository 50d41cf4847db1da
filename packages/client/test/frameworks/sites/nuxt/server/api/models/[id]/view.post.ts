import { h3Cookies } from "model-views-client/cookies";

export default defineEventHandler(async (event) => {
  const viewer = await modelViews.getOrCreateViewerIdentifier(h3Cookies(event), event.headers);
  const { success } = await modelViews.trackModelView(getRouterParam(event, "id") ?? "", viewer, {
    ipAddress: getRequestHeader(event, "x-real-ip"),
    userAgent: getRequestHeader(event, "user-agent"),
  });
  setResponseStatus(event, success ? 204 : 503);
  return null;
});
