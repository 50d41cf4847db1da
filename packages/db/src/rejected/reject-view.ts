import type { ViewEvent } from "@model-views/shared/contracts/view-event.ts";
import type { Pool } from "pg";
import { failureOf } from "../postgres/failure.ts";
import { asking, sql } from "../postgres/sql.ts";
import { viewerHash } from "../viewers/viewer-hash.ts";

/** Why PostgreSQL refused a view. */
export type Refusal = { sqlstate: string; message: string };

/** Characters of PostgreSQL's message that are kept. */
const MESSAGE_CHARS_MAX = 1_000;

/** Stands for a time that PostgreSQL refuses; the payload has it as it was given. */
const NO_TIME = "-infinity";

/**
 * Keeps a view that PostgreSQL refuses in `rejected_views`, with the reason and without its address; once, however often it
 * is given. Views of erased viewers are not kept.
 *
 * @returns how many were kept: 1, or 0.
 * @throws what PostgreSQL threw; never because of what is in the view.
 */
export async function rejectView(pool: Pool, view: ViewEvent, refusal: Refusal): Promise<number> {
  try {
    return await keep(pool, view, view.viewedAt, refusal);
  } catch (error) {
    if (failureOf(error).kind !== "data") throw error;
    return keep(pool, view, NO_TIME, refusal);
  }
}

async function keep(
  pool: Pool,
  { ipAddress: _, ...view }: ViewEvent,
  viewedAt: string,
  refusal: Refusal,
): Promise<number> {
  const viewer = storable(view.viewerIdentifier);
  const message = storable(refusal.message).slice(0, MESSAGE_CHARS_MAX);
  const { rowCount } = await asking(pool)(sql`
    insert into rejected_views (model_id, viewed_at, id, viewer_identifier, reason, sqlstate, message, payload)
    select ${view.modelId}::uuid, ${viewedAt}::timestamptz, ${view.id}::uuid, ${viewer}::text, 'refused',
      ${refusal.sqlstate}::text, ${message}::text, ${JSON.stringify(view)}::json
    where not exists (
      select from erased_viewers where viewer_hash = ${viewerHash(viewer)} and ${viewedAt}::timestamptz <= until
    )
    on conflict do nothing`);
  return rowCount ?? 0;
}

/** PostgreSQL's text has no NUL. */
function storable(text: string): string {
  return text.replaceAll("\0", "\uFFFD");
}
