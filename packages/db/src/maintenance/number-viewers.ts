import type { SQL } from "drizzle-orm";
import { type Ask, sql } from "../postgres/sql.ts";

/**
 * Gives a number to each viewer of these views who has none, in the order of first views. Under the lock "maintenance": a viewer
 * who is being erased is gone before, or has a number that the erasure finds.
 *
 * @param where a condition on `model_views`.
 */
export async function numberViewers(ask: Ask, where: SQL): Promise<void> {
  await ask(sql`
    insert into viewer_numbers (viewer_identifier)
    select viewer_identifier from (
      select viewer_identifier, min(viewed_at) as first from model_views where ${where} and not is_bot group by 1
    ) seen
    where not exists (select from viewer_numbers n where n.viewer_identifier = seen.viewer_identifier)
    order by first, viewer_identifier
    on conflict do nothing`);
}
