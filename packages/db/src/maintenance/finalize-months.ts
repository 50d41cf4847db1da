import type { Pool } from "pg";
import { type Audience, createPauses, openAudiences } from "../audiences/audience.ts";
import { VALUES_OF_VIEW } from "../audiences/dimensions.ts";
import { isOfMonth, monthOf, OPEN_DAYS } from "../audiences/reporting-days.ts";
import { isMonthRetired } from "../audiences/retired-months.ts";
import { waitForLock } from "../postgres/advisory-locks.ts";
import { isNotLocked } from "../postgres/brief-locks.ts";
import { type Ask, sql } from "../postgres/sql.ts";
import { inTransaction } from "../postgres/transaction.ts";
import { FINALIZE_OPTIONS, type ManyViews } from "./finalize-options.ts";
import { unnestValues, type ValueRow } from "./value-rows.ts";

/** Models whose month is stored in one statement. */
const BATCH_MODELS = 200;

/** Milliseconds to wait for what deletes days of models; less than PostgreSQL's `deadlock_timeout`. */
const LOCK_TIMEOUT_MS = 500;

/** Months (their first day) that are over and not stored, although the audience of every day is, in order. */
export async function monthsToFinalize(pool: Pool, today: string): Promise<string[]> {
  const { rows } = await inTransaction(pool, FINALIZE_OPTIONS, (ask) =>
    ask<{ month: string }>(sql`
      select month::text as month from (select distinct ${monthOf(sql`day`)} as month from site_days) m
      where month + interval '1 month' <= ${today}::date
        and month not in (select month from site_months)
        and month not in (select ${monthOf(sql`day`)} from (${OPEN_DAYS}) open)
        and month not in (select ${monthOf(sql`day`)} from site_days where audience is null)
      order by 1`),
  );
  return rows.map(({ month }) => month);
}

type Options = { month: string; manyViews: ManyViews };

/**
 * Stores who viewed in a month, as the union of its days: of the site, of its values, and of every model; of models with many
 * views their values too.
 *
 * @returns whether it was stored; not when a day of it was opened meanwhile, or its audience is not known.
 */
export async function finalizeMonth(pool: Pool, { month, manyViews }: Options): Promise<boolean> {
  const newAudience = await openAudiences();
  return inTransaction(pool, FINALIZE_OPTIONS, async (ask) => {
    await waitForLock(ask, "finalize");
    const first = sql`${month}::date`;
    const inMonth = sql`day >= ${first} and day < ${first} + interval '1 month'`;
    // Another process may have stored it while this one waited.
    const { rowCount: isInTheWay } = await ask(sql`
      select from (${OPEN_DAYS}) open where ${inMonth} union all select from site_months where month = ${first} limit 1`);
    if (isInTheWay !== 0) return false;
    const unite = createUnite(newAudience);
    const { rows: days } = await ask<StoredDay>(sql`
      select '' as key, views::float8 as views, audience from site_days where ${inMonth}`);
    const [site] = await unite(days);
    if (site === undefined) return false;
    await ask(sql`
      insert into site_months (month, views, viewers, audience)
      values (${first}, ${site.views}::bigint, ${site.viewers}::bigint, ${site.bytes}::bytea)`);
    // As for days: what may be there is outdated.
    await ask(sql`delete from site_values where unit = 'month' and start = ${first}`);
    await uniteValues(ask, { month, days: days.length }, unite);
    await uniteModels(ask, month, unite);
    await storeModelValues(ask, { month, manyViews }, newAudience);
    // An erasure may have deleted days that are in these unions. What deletes days later waits, and finds what is stored here.
    // It gives up before PostgreSQL would look for a deadlock with a transaction that deletes one model after the other.
    await ask(`set local lock_timeout = ${LOCK_TIMEOUT_MS}; lock table changed_days in share mode`);
    const { rowCount: changed } = await ask(sql`select from changed_days where ${inMonth} limit 1`);
    if (changed !== 0) throw new MonthChangedError("days of the month were deleted");
    return true;
  }).catch((error: unknown) => {
    if (error instanceof MonthChangedError || isNotLocked(error)) return false;
    throw error;
  });
}

/** Nothing of the month is stored: it has all models or none, and a model is being deleted, or days of models were. */
class MonthChangedError extends Error {
  override name = "MonthChangedError";
}

type StoredDay = { key: string; views: number; audience: Buffer | null };
type United = { key: string; views: number; viewers: number; bytes: Buffer };
type Unite = (days: readonly StoredDay[]) => Promise<United[]>;

/** Unites the days of each key. A key with a day whose audience is not known is left out. */
function createUnite(newAudience: () => Audience): Unite {
  const pause = createPauses();
  return async (days) => {
    const united: United[] = [];
    for (const [key, ofKey] of Map.groupBy(days, (day) => day.key)) {
      using all = newAudience();
      let views = 0;
      let isKnown = true;
      for (const { views: more, audience } of ofKey) {
        views += more;
        if (audience === null) isKnown = false;
        else all.add(audience);
        await pause(audience?.length ?? 0);
      }
      if (isKnown) united.push({ key, views, viewers: all.size, bytes: all.toBytes() });
    }
    return united;
  };
}

/** Stores the site's values of a month, by dimension, where the values of all of its days are stored. */
async function uniteValues(
  ask: Ask,
  { month, days }: { month: string; days: number },
  unite: Unite,
): Promise<void> {
  const first = sql`${month}::date`;
  const ofDays = sql`unit = 'day' and start >= ${first} and start < ${first} + interval '1 month'`;
  const { rows: dimensions } = await ask<{ dimension: string }>(sql`
    select dimension from site_values where ${ofDays} group by 1 having count(distinct start) = ${days}`);
  for (const { dimension } of dimensions) {
    const { rows } = await ask<StoredDay & { value: string | null }>(sql`
      select coalesce('=' || value, '') as key, value, views::float8 as views, audience from site_values
      where dimension = ${dimension} and ${ofDays}`);
    const united = await unite(rows);
    const values = united.map(({ key }) => (key === "" ? null : key.slice(1)));
    await ask(sql`
      insert into site_values (dimension, unit, start, value, views, viewers, audience)
      select ${dimension}, 'month', ${first}, value, views, viewers, audience
      from unnest(${sql.param(values)}::text[], ${sql.param(united.map(({ views }) => views))}::bigint[],
        ${sql.param(united.map(({ viewers }) => viewers))}::bigint[], ${sql.param(united.map(({ bytes }) => bytes))}::bytea[])
        v(value, views, viewers, audience)`);
  }
}

/**
 * Stores the month of every model where it is not stored.
 *
 * @throws {MonthChangedError} when a model is being deleted.
 */
async function uniteModels(ask: Ask, month: string, unite: Unite): Promise<void> {
  const first = sql`${month}::date`;
  const inMonth = sql`day >= ${first} and day < ${first} + interval '1 month'`;
  let after: string | null = null;
  do {
    const { rows: models }: { rows: { id: string }[] } = await ask<{ id: string }>(sql`
      select id from models m
      where (${after}::uuid is null or id > ${after}::uuid)
        and exists (select from model_days d where d.model_id = m.id and ${inMonth})
        and not exists (select from model_months s where s.model_id = m.id and s.month = ${first})
      order by id limit ${BATCH_MODELS}`);
    const ids = models.map(({ id }) => id);
    const { rowCount: lockable } = await ask(
      sql`select from models where id = any(${sql.param(ids)}::uuid[]) for key share skip locked`,
    );
    if (lockable !== ids.length) throw new MonthChangedError("a model is being deleted");
    const { rows } = await ask<StoredDay>(sql`
      select model_id as key, views::float8 as views, audience from model_days
      where model_id = any(${sql.param(ids)}::uuid[]) and ${inMonth}`);
    const united = await unite(rows);
    await ask(sql`
      insert into model_months (model_id, month, views, viewers, audience)
      select id, ${first}, views, viewers, audience
      from unnest(${sql.param(united.map(({ key }) => key))}::uuid[], ${sql.param(united.map(({ views }) => views))}::bigint[],
        ${sql.param(united.map(({ viewers }) => viewers))}::bigint[], ${sql.param(united.map(({ bytes }) => bytes))}::bytea[])
        m(id, views, viewers, audience)`);
    after = ids.length < BATCH_MODELS ? null : (ids.at(-1) ?? null);
  } while (after !== null);
}

/**
 * Stores the values of models with many views in the month, from the views, where they are not stored. Retention may begin to
 * remove the month at any time, so each statement checks that.
 */
async function storeModelValues(
  ask: Ask,
  { month, manyViews }: Options,
  newAudience: () => Audience,
): Promise<void> {
  const first = sql`${month}::date`;
  const areOfMonth = await isOfMonth(ask, month);
  const { rows: models } = await ask<{ id: string }>(sql`
    select model_id as id from model_months s
    where month = ${first} and views >= ${manyViews.month} and not exists (
      select from model_values v where v.model_id = s.model_id and v.unit = 'month' and v.start = ${first}
    ) and not ${isMonthRetired(first)}
    order by 1`);
  for (const { id } of models) {
    const { rows } = await ask<ValueRow>(sql`
      select dimension, value, sum(views)::float8 as views, string_agg(int4send(viewer_number), '') as numbers
      from (
        select dimension, value, viewer_identifier, count(*) as views
        from model_views cross join lateral ${VALUES_OF_VIEW}
        where model_id = ${id} and ${areOfMonth} and not is_bot and not ${isMonthRetired(first)} group by 1, 2, 3
      ) v join viewer_numbers using (viewer_identifier) group by 1, 2`);
    await ask(sql`
      insert into model_values (model_id, dimension, unit, start, value, views, viewers, audience)
      select ${id}::uuid, dimension, 'month', ${first}, value, views, viewers, audience
      from ${await unnestValues(rows, newAudience)}`);
  }
}
