export default defineEventHandler(async (event) => {
  const stats = await modelViews.getModelViewStats(getRouterParam(event, "id") ?? "");
  return { viewers: stats.success ? stats.data.uniqueViews : null };
});
