import { type Ask, sql } from "../postgres/sql.ts";

export type StoredViews = {
  viewsOfLastMinute: number;
  lastViewedAt: Date | null;
  openDays: number;
  databaseBytes: number;
  postgresVersion: string;
};

/**
 * Are views being stored, and are days that are over finalized? Reads model_views_viewed_at_idx, model_days_unsealed_idx and
 * changed_days. A day counts as over two hours after it has ended, when maintenance has had its turn.
 */
export async function storedViews(ask: Ask, now: Date): Promise<StoredViews> {
  const { rows } = await ask<StoredViews>(sql`
    select
      (select count(*)::float8 from model_views where viewed_at > ${now}::timestamptz - interval '1 minute') as "viewsOfLastMinute",
      (select max(viewed_at) from model_views where viewed_at > ${now}::timestamptz - interval '1 day') as "lastViewedAt",
      (select count(*)::float8 from (
        select day from model_days where viewers is null union select day from changed_days) open
        where day < (${now}::timestamptz - interval '26 hours')::date) as "openDays",
      pg_database_size(current_database())::float8 as "databaseBytes",
      current_setting('server_version') as "postgresVersion"`);
  const [found] = rows;
  if (found === undefined) throw new Error("a question without a table returned no row");
  return found;
}
