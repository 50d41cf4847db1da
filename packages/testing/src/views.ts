import { randomUUID } from "node:crypto";
import { putModel } from "@model-views/db/models/put-model.ts";
import type { Db } from "@model-views/db/postgres/connect.ts";
import type { ViewEvent } from "@model-views/shared/contracts/view-event.ts";

/** A view of a model that exists nowhere, of a viewer of its own, now; a test names only what it is about. */
export function aView(view: Partial<ViewEvent> = {}): ViewEvent {
  return {
    id: randomUUID(),
    modelId: randomUUID(),
    viewerIdentifier: `viewer ${randomUUID()}`,
    viewedAt: new Date().toISOString(),
    ...view,
  };
}

/** Stores a model, and returns its id. */
export async function aModel(
  db: Db,
  {
    id = randomUUID(),
    name = "A model",
    category = null,
  }: { id?: string; name?: string; category?: string | null } = {},
): Promise<string> {
  await putModel(db, { id, name, category });
  return id;
}
