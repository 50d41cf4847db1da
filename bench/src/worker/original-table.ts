import type { Db } from "@model-views/db/connect.ts";
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
