import type { Db } from "@model-views/db/postgres/connect.ts";

/** A viewer of whom more is stored than a connection takes that is not read: 12 MB, and none of it is of the load. */
export const HEAVY_VIEWER = "a viewer of whom much is stored";

const ROWS = 120;
const ROW_CHARS = 100_000;

/** Stores it as views that PostgreSQL has refused, so that no figure counts them. */
export async function putHeavyViewer(db: Db): Promise<void> {
  await db.$client.query(
    `insert into rejected_views (model_id, viewed_at, id, viewer_identifier, reason, sqlstate, message, payload)
     select gen_random_uuid(), now(), gen_random_uuid(), $1::text, 'refused', '22021', 'made for readers who do not read',
       json_build_object('userAgent', repeat('x', $2::int)) from generate_series(1, $3::int)`,
    [HEAVY_VIEWER, ROW_CHARS, ROWS],
  );
}
