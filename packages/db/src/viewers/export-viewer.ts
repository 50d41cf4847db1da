import type { Pool, PoolClient } from "pg";
import { begin } from "../postgres/session.ts";
import { VIEW_COLUMNS } from "../recording/view-columns.ts";

/** Rows in memory at a time. */
const BATCH_ROWS = 1_000;

/** Everything that is stored of a viewer, each part read by an index that begins with, or is, the viewer. */
const PARTS = [
  {
    part: "views",
    text: `select ${VIEW_COLUMNS.map(([column, , field]) => `${column} as "${field}"`).join(", ")}
      from model_views where viewer_identifier = $1 order by viewed_at, model_id, id`,
  },
  {
    part: "models",
    text: `select v.model_id as "modelId", v.views::float8 as views, first_viewed_at as "firstViewedAt",
        v.last_viewed_at as "lastViewedAt"
      from model_totals t join model_viewers v using (model_id) where viewer_identifier = $1 order by 1`,
  },
  {
    part: "rejectedViews",
    text: `select payload as view, reason, message, rejected_at as "rejectedAt"
      from rejected_views where viewer_identifier = $1 order by viewed_at, model_id, id`,
  },
] as const;

/** Some rows of a part; the parts come in the order of the type, each at least once. */
export type ViewerExport = { part: "views" | "models" | "rejectedViews"; rows: Record<string, unknown>[] };

/**
 * What is stored of this viewer? All of it from one snapshot, some rows at a time, so that a viewer with a million views
 * fits in memory. Keeps a connection until the last row is taken, or the generator is told to return.
 */
export async function* exportViewer(pool: Pool, viewerIdentifier: string): AsyncGenerator<ViewerExport> {
  const client = await pool.connect();
  let isDone = false;
  try {
    await client.query(begin(client, "isolation level repeatable read read only"));
    for (const { part, text } of PARTS) {
      await client.query(`declare ${part} no scroll cursor for ${text}`, [viewerIdentifier]);
      yield* rowsOf(client, part);
    }
    await client.query("commit");
    isDone = true;
  } finally {
    client.release(!isDone);
  }
}

async function* rowsOf(client: PoolClient, part: ViewerExport["part"]): AsyncGenerator<ViewerExport> {
  for (let fetched = BATCH_ROWS; fetched === BATCH_ROWS; ) {
    const { rows } = await client.query<Record<string, unknown>>(`fetch ${BATCH_ROWS} from ${part}`);
    fetched = rows.length;
    yield { part, rows };
  }
}
