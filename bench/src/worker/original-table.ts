import type { Db } from "@model-views/db/postgres/connect.ts";
import { inTransaction } from "@model-views/db/postgres/transaction.ts";
import { models } from "@model-views/db/schema.ts";
import { index, pgTable, text, timestamp, uuid, varchar } from "drizzle-orm/pg-core";

/** The original design's table of views, with its four indexes, for those who write it one row at a time. */
export const originalViews = pgTable(
  "original_views",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    modelId: uuid("model_id")
      .notNull()
      .references(() => models.id, { onDelete: "cascade" }),
    viewerIdentifier: varchar("viewer_identifier", { length: 255 }).notNull(),
    viewedAt: timestamp("viewed_at", { withTimezone: true }).notNull().defaultNow(),
    ipAddress: varchar("ip_address", { length: 45 }),
    userAgent: text("user_agent"),
  },
  (table) => [
    index("original_views_model_idx").on(table.modelId),
    index("original_views_viewed_at_idx").on(table.viewedAt),
    index("original_views_viewer_idx").on(table.viewerIdentifier),
    index("original_views_model_viewer_idx").on(table.modelId, table.viewerIdentifier),
  ],
);

/** Makes that table, empty. */
export async function createOriginalTable(db: Db): Promise<void> {
  await db.$client.query(`
    create table original_views (
      id uuid primary key default gen_random_uuid(),
      model_id uuid not null references models (id) on delete cascade,
      viewer_identifier varchar(255) not null,
      viewed_at timestamptz not null default now(),
      ip_address varchar(45),
      user_agent text
    );
    create index original_views_model_idx on original_views (model_id);
    create index original_views_viewed_at_idx on original_views (viewed_at);
    create index original_views_viewer_idx on original_views (viewer_identifier);
    create index original_views_model_viewer_idx on original_views (model_id, viewer_identifier)`);
}

/** Milliseconds that a month may take. */
const MONTH_TIMEOUT_MS = 1_800_000;

/**
 * Copies every view that counts into it, month by month, so that the same questions can be asked of both.
 *
 * @param onProgress is told the views so far.
 */
export async function copyViews(
  db: Db,
  { onProgress }: { onProgress: (views: number) => void },
): Promise<void> {
  const { rows } = await db.$client.query<{ name: string }>(
    "select inhrelid::regclass::text as name from pg_inherits where inhparent = 'model_views'::regclass order by 1",
  );
  let copied = 0;
  for (const { name } of rows) {
    await inTransaction(db.$client, { statementTimeoutMs: MONTH_TIMEOUT_MS }, async (ask) => {
      await ask("set local session_replication_role = replica");
      const { rowCount } = await ask(
        `insert into original_views (id, model_id, viewer_identifier, viewed_at)
         select id, model_id, viewer_identifier, viewed_at from ${name} where not is_bot order by viewed_at`,
      );
      copied += rowCount ?? 0;
    });
    onProgress(copied);
  }
}
