import type { SQL } from "drizzle-orm";
import type { Pool } from "pg";
import { begin } from "../postgres/session.ts";
import { type Ask, asking, sql } from "../postgres/sql.ts";
import { VIEW_COLUMNS } from "../recording/view-columns.ts";

/** Rows in memory at a time. */
const BATCH_ROWS = 1_000;

type Part = "views" | "models" | "rejectedViews" | "viewerNumbers";

/** Some rows of a part; the parts come in the order of the type, each at least once. */
export type ViewerExport = { part: Part; rows: Record<string, unknown>[] };

/** Everything that is stored about a viewer; each part is read by an index on the viewer. */
const PARTS: readonly [Part, (viewerIdentifier: string) => SQL][] = [
  [
    "views",
    (viewer) => sql`
      select ${sql.join(VIEW_COLUMNS.map(selected), sql`, `)}
      from model_views where viewer_identifier = ${viewer} order by viewed_at, model_id, id`,
  ],
  [
    "models",
    (viewer) => sql`
      select v.model_id as "modelId", v.views::float8 as views, first_viewed_at as "firstViewedAt",
        v.last_viewed_at as "lastViewedAt"
      from model_totals t join model_viewers v using (model_id) where viewer_identifier = ${viewer} order by 1`,
  ],
  [
    "rejectedViews",
    (viewer) => sql`
      select payload as view, reason, message, rejected_at as "rejectedAt"
      from rejected_views where viewer_identifier = ${viewer} order by viewed_at, model_id, id`,
  ],
  [
    "viewerNumbers",
    (viewer) =>
      sql`select viewer_number as "viewerNumber" from viewer_numbers where viewer_identifier = ${viewer}`,
  ],
];

function selected({ column, field }: (typeof VIEW_COLUMNS)[number]): SQL {
  return sql`${sql.identifier(column)} as ${sql.identifier(field)}`;
}

/**
 * Everything that is stored about this viewer, from one snapshot and some rows at a time, so that a viewer with a million
 * views fits in memory. Keeps a connection until the last row is taken or the generator is returned.
 */
export async function* exportViewer(pool: Pool, viewerIdentifier: string): AsyncGenerator<ViewerExport> {
  const client = await pool.connect();
  const ask = asking(client);
  let isDone = false;
  try {
    await ask(begin(client, "isolation level repeatable read read only"));
    for (const [part, select] of PARTS) {
      await ask(sql`declare ${sql.identifier(part)} no scroll cursor for ${select(viewerIdentifier)}`);
      yield* rowsOf(ask, part);
    }
    await ask("commit");
    isDone = true;
  } finally {
    client.release(!isDone);
  }
}

/** A cursor and not a stream of pg-query-stream: each batch has the connection's time limit, and a slow reader has none. */
async function* rowsOf(ask: Ask, part: Part): AsyncGenerator<ViewerExport> {
  const fetch = sql`fetch ${sql.raw(String(BATCH_ROWS))} from ${sql.identifier(part)}`;
  for (let fetched = BATCH_ROWS; fetched === BATCH_ROWS; ) {
    const { rows } = await ask<Record<string, unknown>>(fetch);
    fetched = rows.length;
    yield { part, rows };
  }
}
