import type { Pool } from "pg";
import { type Audience, createPauses, openAudiences } from "../audiences/audience.ts";
import { VALUES_OF_VIEW } from "../audiences/dimensions.ts";
import { isOfDay, monthOf } from "../audiences/reporting-days.ts";
import { isRetired } from "../audiences/retired-months.ts";
import { waitForLock } from "../postgres/advisory-locks.ts";
import { type Ask, sql } from "../postgres/sql.ts";
import { inTransaction } from "../postgres/transaction.ts";
import { FINALIZE_OPTIONS } from "./finalize-options.ts";
import { unnestValues, type ValueRow } from "./value-rows.ts";

/**
 * Stores who viewed any model on a day, as the union of the models' audiences, and the viewers of each value from the views.
 * Behind retention the values of a day that has changed are gone.
 *
 * @returns whether it was finalized; not while a day of a model is open.
 */
export async function finalizeSiteDay(pool: Pool, day: string): Promise<boolean> {
  const newAudience = await openAudiences();
  return inTransaction(pool, FINALIZE_OPTIONS, async (ask) => {
    await waitForLock(ask, "finalize");
    const date = sql`${day}::date`;
    // First: a model that is deleted after this statement notes its days again.
    await ask(sql`delete from changed_days where day = ${date}`);
    using site = newAudience();
    const views = await uniteModels(ask, day, site);
    if (views === undefined) {
      await ask(sql`insert into changed_days (day) values (${date})`);
      return false;
    }
    const stored = [day, views, site.size, site.toBytes()] as const;
    await ask(sql`delete from site_days where day = ${date}`);
    if (views > 0) {
      await ask(sql`
        insert into site_days (day, views, viewers, audience)
        values (${stored[0]}::date, ${stored[1]}::bigint, ${stored[2]}::bigint, ${stored[3]}::bytea)`);
    }
    await ask(sql`delete from site_months where month = ${monthOf(date)}`);
    await ask(sql`
      delete from site_values where (unit = 'day' and start = ${date}) or (unit = 'month' and start = ${monthOf(date)})`);
    await storeValues(ask, day, newAudience);
    return true;
  });
}

/** Adds the viewers of every model to the site's, and returns the views; undefined when one of them is not known. */
async function uniteModels(ask: Ask, day: string, site: Audience): Promise<number | undefined> {
  const { rows } = await ask<{ views: number; viewers: number | null; audience: Buffer | null }>(sql`
    select views::float8 as views, viewers::float8 as viewers, audience from model_days where day = ${day}::date`);
  const pause = createPauses();
  let sum = 0;
  for (const { views, viewers, audience } of rows) {
    if (viewers === null || audience === null) return undefined;
    sum += views;
    site.add(audience);
    await pause(audience.length);
  }
  return sum;
}

/** Stores views and viewers of each value of the day. Viewers without a number are of models whose day is open again. */
async function storeValues(ask: Ask, day: string, newAudience: () => Audience): Promise<void> {
  const date = sql`${day}::date`;
  const areOfDay = await isOfDay(ask, day);
  const { rows } = await ask<ValueRow>(sql`
    select dimension, value, sum(views)::float8 as views, string_agg(int4send(viewer_number), '') as numbers
    from (
      select dimension, value, viewer_identifier, count(*) as views
      from model_views cross join lateral ${VALUES_OF_VIEW}
      where ${areOfDay} and not is_bot and not ${isRetired(date)} group by 1, 2, 3
    ) v join viewer_numbers using (viewer_identifier) group by 1, 2`);
  await ask(sql`
    insert into site_values (dimension, unit, start, value, views, viewers, audience)
    select dimension, 'day', ${date}, value, views, viewers, audience from ${await unnestValues(rows, newAudience)}`);
}
