import { modelViews } from "#lib/server/model-views";

export const POST = ({ request, getClientAddress }) =>
  modelViews.passViewOn(request, { clientAddress: getClientAddress() });
