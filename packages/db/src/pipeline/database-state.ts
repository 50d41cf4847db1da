import { type Ask, sql } from "../postgres/sql.ts";

/** Views in the default partition that are counted at most. */
const DEFAULT_VIEWS_MAX = 1_000;

export type DatabaseState = {
  /** Months after this one that have a partition. */
  monthsAhead: number;
  /** Views that wait in the default partition for one of their month; 1,000 at most. */
  defaultViews: number;
  /** Days that are over and not finalized. A day counts as over two hours after it has ended, when maintenance has had its turn. */
  openDays: number;
};

/** Is the database prepared for the months to come, and are days that are over finalized? Reads catalogs, and a few rows. */
export async function databaseState(ask: Ask): Promise<DatabaseState> {
  const { rows } = await ask<DatabaseState>(sql`
    select
      (select count(*)::int from pg_inherits i join pg_class c on c.oid = i.inhrelid
       where i.inhparent = 'model_views'::regclass and c.relname ~ '^model_views_[0-9]{4}_[0-9]{2}$'
         and c.relname > to_char(now() at time zone 'utc', '"model_views_"YYYY_MM')) as "monthsAhead",
      (select count(*)::int from (select from model_views_default limit ${DEFAULT_VIEWS_MAX}::int) d) as "defaultViews",
      (select count(*)::int from (
        select day from model_days where viewers is null union select day from changed_days) open
        where day < (now() - interval '26 hours')::date) as "openDays"`);
  return rows[0] ?? { monthsAhead: 0, defaultViews: 0, openDays: 0 };
}
