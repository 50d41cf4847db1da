import { error } from "@sveltejs/kit";
import { modelViews } from "#lib/server/model-views";
import { models } from "#lib/server/models";

export async function load({ params }) {
  const model = models.find(({ id }) => id === params.id) ?? error(404);
  const stats = await modelViews.getModelViewStats(model.id);
  return { model, viewers: stats.success ? stats.data.uniqueViews : null };
}
