import { modelViews } from "#lib/server/model-views";

export const GET = ({ request, getClientAddress }) =>
  modelViews.passViewOn(request, { clientAddress: getClientAddress() });
