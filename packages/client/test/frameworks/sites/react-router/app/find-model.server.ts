import { models } from "./models.server";

/** A model and the others of its list. */
export function findModel(id: string) {
  const model = models.find((each) => each.id === id);
  if (model === undefined) throw new Response(null, { status: 404 });
  return { model, models: models.filter(({ way }) => way === model.way) };
}
