import type { ViewEvent } from "@model-views/shared/contracts/view-event.ts";
import type { Pool } from "pg";
import { failureOf } from "../postgres/failure.ts";
import { viewerHash } from "../viewers/viewer-hash.ts";

/** Why PostgreSQL refused a view. */
export type Refusal = { sqlstate: string; message: string };

/** Characters of PostgreSQL's message that are kept. */
const MESSAGE_CHARS_MAX = 1_000;

/** Stands for a time that PostgreSQL does not take; the payload has it as it was given. */
const NO_TIME = "-infinity";

const REJECT_VIEW = `
insert into rejected_views (model_id, viewed_at, id, viewer_identifier, reason, sqlstate, message, payload)
select $1::uuid, $2::timestamptz, $3::uuid, $4::text, 'refused', $5, $6, $7::json
where not exists (
  select from erased_viewers
  where viewer_hash = ${viewerHash("$4::text")} and $2::timestamptz <= until
)
on conflict do nothing`;

/**
 * Keeps a view that PostgreSQL refuses, with the reason and without its address, in `rejected_views`; once, however
 * often it is given. Views of erased viewers are not kept.
 *
 * @returns how many were kept: 1, or 0.
 * @throws what PostgreSQL threw; never because of what is in the view.
 */
export async function rejectView(
  pool: Pool,
  view: ViewEvent,
  { sqlstate, message }: Refusal,
): Promise<number> {
  const { ipAddress: _, ...payload } = view;
  const keepAt = async (viewedAt: string) => {
    const { rowCount } = await pool.query(REJECT_VIEW, [
      view.modelId,
      viewedAt,
      view.id,
      storable(view.viewerIdentifier),
      sqlstate,
      storable(message).slice(0, MESSAGE_CHARS_MAX),
      JSON.stringify(payload),
    ]);
    return rowCount ?? 0;
  };
  try {
    return await keepAt(view.viewedAt);
  } catch (error) {
    if (failureOf(error).kind !== "data") throw error;
    return keepAt(NO_TIME);
  }
}

/** PostgreSQL's text has no NUL. */
function storable(text: string): string {
  return text.replaceAll("\0", "\uFFFD");
}
