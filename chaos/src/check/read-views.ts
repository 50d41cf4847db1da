import type { Db } from "@model-views/db/postgres/connect.ts";
import { HEAVY_VIEWER } from "../lab/heavy-viewer.ts";
import type { RejectedView, StoredView, ViewsChecker } from "./check-views.ts";

const ROWS_AT_A_TIME = 5_000;

/** The columns of `model_views` besides its key, and the views' names of them. */
const FIELDS = {
  viewer_identifier: "viewerIdentifier",
  viewed_at_replaced: "viewedAtReplaced",
  ip_address: "ipAddress",
  user_agent: "userAgent",
  country: "country",
  device: "device",
  browser: "browser",
  os: "os",
  referrer_host: "referrerHost",
  utm_source: "utmSource",
  utm_medium: "utmMedium",
  utm_campaign: "utmCampaign",
  is_bot: "isBot",
} as const;

const FIELDS_SQL = Object.entries(FIELDS).map(([column, field]) => `${column} as "${field}"`);

/** Reads every view that is stored and every one that is rejected, from one snapshot. */
export async function readViews(db: Db, checker: ViewsChecker): Promise<void> {
  const client = await db.$client.connect();
  try {
    await client.query("begin isolation level repeatable read read only");
    await client.query(`declare stored cursor for
      select id, model_id, (extract(epoch from viewed_at) * 1000)::float8 as at, ${FIELDS_SQL} from model_views`);
    for (;;) {
      const { rows } = await client.query<StoredRow>(`fetch ${ROWS_AT_A_TIME} from stored`);
      for (const { id, model_id, at, ...fields } of rows) {
        checker.stored({ id, modelId: model_id, viewedAtMs: Math.round(at), fields } satisfies StoredView);
      }
      if (rows.length < ROWS_AT_A_TIME) break;
    }
    const { rows } = await client.query<RejectedView>(
      `select id, model_id as "modelId", reason, sqlstate from rejected_views where viewer_identifier <> $1`,
      [HEAVY_VIEWER],
    );
    for (const row of rows) checker.rejected(row);
    await client.query("commit");
  } finally {
    client.release(true);
  }
}

type StoredRow = { id: string; model_id: string; at: number } & Record<string, unknown>;
