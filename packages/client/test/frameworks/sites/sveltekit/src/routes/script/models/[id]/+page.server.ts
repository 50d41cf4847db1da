import { error } from "@sveltejs/kit";
import { models } from "#lib/server/models";

export function load({ params }) {
  const model = models.find(({ id }) => id === params.id) ?? error(404);
  return { model };
}
