import type { Db } from "@model-views/db/postgres/connect.ts";
import type { ViewEvent } from "@model-views/shared/contracts/view-event.ts";
import { HEAVY_VIEWER } from "../lab/heavy-viewer.ts";
import type { RejectedView, StoredView, ViewsChecker } from "./check-views.ts";

const ROWS_AT_A_TIME = 5_000;

/** The column of each field of a view besides its key. Written out: not what recording itself goes by. */
const COLUMNS = {
  viewerIdentifier: "viewer_identifier",
  viewedAtReplaced: "viewed_at_replaced",
  ipAddress: "ip_address",
  userAgent: "user_agent",
  country: "country",
  device: "device",
  browser: "browser",
  os: "os",
  referrerHost: "referrer_host",
  utmSource: "utm_source",
  utmMedium: "utm_medium",
  utmCampaign: "utm_campaign",
  isBot: "is_bot",
} satisfies Record<Exclude<keyof ViewEvent, "id" | "modelId" | "viewedAt">, string>;

const COLUMNS_SQL = Object.entries(COLUMNS).map(([field, column]) => `${column} as "${field}"`);

/** Reads every stored and every rejected view, from one snapshot. */
export async function readViews(db: Db, checker: ViewsChecker): Promise<void> {
  const client = await db.$client.connect();
  try {
    await client.query("begin isolation level repeatable read read only");
    await client.query(`declare stored cursor for
      select id, model_id, (extract(epoch from viewed_at) * 1000)::float8 as at, ${COLUMNS_SQL} from model_views`);
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
