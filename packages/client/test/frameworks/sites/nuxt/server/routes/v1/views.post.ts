export default defineEventHandler((event) =>
  modelViews.passViewOn(toWebRequest(event), { clientAddress: getRequestHeader(event, "x-real-ip") }),
);
