import type { Pool } from "pg";
import { type Audience, openAudiences } from "../audiences/audience.ts";
import { VALUES_OF_VIEW } from "../audiences/dimensions.ts";
import { isOfDay, monthOf } from "../audiences/reporting-days.ts";
import { isRetired } from "../audiences/retired-months.ts";
import { waitForLock } from "../postgres/advisory-locks.ts";
import { type Ask, sql } from "../postgres/sql.ts";
import { inTransaction } from "../postgres/transaction.ts";
import { FINALIZE_OPTIONS, type ManyViews } from "./finalize-options.ts";
import { numberViewers } from "./number-viewers.ts";
import { columnsOf, unnestValues, type ValueRow } from "./value-rows.ts";

/** Models whose day is finalized in one transaction. A late view of such a day waits meanwhile: some 20 ms. */
const BATCH_MODELS = 200;

type Options = { day: string; manyViews: ManyViews };

/**
 * Finalizes a day of every model where it is open: who viewed, and for models with many views the viewers of each value.
 *
 * @returns of how many models.
 */
export async function finalizeModelDays(pool: Pool, options: Options): Promise<number> {
  await inTransaction(pool, FINALIZE_OPTIONS, async (ask) => {
    await waitForLock(ask, "finalize");
    await waitForLock(ask, "maintenance");
    // All of the day's viewers at once, so that their numbers are in the order in which they came.
    await numberViewers(ask, await isOfDay(ask, options.day));
  });
  const newAudience = await openAudiences();
  let finalized = 0;
  let after: string | null = null;
  do {
    const batch: Batch = { ...options, after };
    const did: DidBatch = await inTransaction(pool, FINALIZE_OPTIONS, (ask) =>
      finalizeBatch(ask, batch, newAudience),
    );
    finalized += did.models;
    after = did.last;
  } while (after !== null);
  return finalized;
}

type Batch = Options & { after: string | null };
/** `last` is where to go on, null at the end. */
type DidBatch = { models: number; last: string | null };

/** Finalizes the day of the next models by id. */
async function finalizeBatch(
  ask: Ask,
  { day, after, manyViews }: Batch,
  newAudience: () => Audience,
): Promise<DidBatch> {
  // Meanwhile no other process finalizes the months that are opened below, nor removes views.
  await waitForLock(ask, "finalize");
  await waitForLock(ask, "maintenance");
  const date = sql`${day}::date`;
  // Locked before they are counted: what is recorded later opens the day again. Rows that are locked, and models that
  // are being deleted, are left for a later run: this waits for neither, so it blocks neither.
  const { rows: locked } = await ask<{ id: string }>(sql`
    select d.model_id as id from model_days d join models m on m.id = d.model_id
    where d.day = ${date} and d.viewers is null and (${after}::uuid is null or d.model_id > ${after}::uuid)
      and not ${isRetired(sql`d.day`)}
    order by d.model_id limit ${BATCH_MODELS}
    for update of d skip locked for key share of m skip locked`);
  const ids = locked.map(({ id }) => id);
  if (ids.length === 0) return { models: 0, last: null };
  const ofBatch = sql`model_id = any(${sql.param(ids)}::uuid[])`;
  // Viewers may have come since the day's were numbered.
  const areOfDay = await isOfDay(ask, day);
  await numberViewers(ask, sql`${ofBatch} and ${areOfDay}`);
  const views = sql`
    select model_id, viewer_identifier, count(*) as views from model_views
    where ${ofBatch} and ${areOfDay} and not is_bot group by 1, 2`;
  const { rows } = await ask<{ id: string; views: number; numbers: Buffer }>(sql`
    select model_id as id, sum(views)::float8 as views, string_agg(int4send(viewer_number), '') as numbers
    from (${views}) v join viewer_numbers using (viewer_identifier) group by 1`);
  const { viewers, audiences } = await columnsOf(rows, newAudience);
  await ask(sql`
    update model_days d set viewers = found.viewers, audience = found.audience
    from unnest(${sql.param(rows.map(({ id }) => id))}::uuid[], ${viewers}, ${audiences})
      found(id, viewers, audience)
    where d.model_id = found.id and d.day = ${date}`);
  await ask(sql`delete from model_months where ${ofBatch} and month = ${monthOf(date)}`);
  await ask(sql`
    delete from model_values
    where ${ofBatch} and (unit, start) in (('day', ${date}), ('month', ${monthOf(date)}))`);
  const viewed = rows.filter((row) => row.views >= manyViews.day).map(({ id }) => id);
  if (viewed.length > 0) await storeValues(ask, { ids: viewed, day }, newAudience);
  await ask(sql`insert into changed_days (day) values (${date})`);
  return { models: rows.length, last: ids.length < BATCH_MODELS ? null : (ids.at(-1) ?? null) };
}

/** Stores views and viewers of each value of the day, of these models. */
async function storeValues(
  ask: Ask,
  { ids, day }: { ids: readonly string[]; day: string },
  newAudience: () => Audience,
): Promise<void> {
  const date = sql`${day}::date`;
  const areOfDay = await isOfDay(ask, day);
  const { rows } = await ask<ValueRow & { id: string }>(sql`
    select model_id as id, dimension, value, sum(views)::float8 as views,
      string_agg(int4send(viewer_number), '') as numbers
    from (
      select model_id, dimension, value, viewer_identifier, count(*) as views
      from model_views cross join lateral ${VALUES_OF_VIEW}
      where model_id = any(${sql.param(ids)}::uuid[]) and ${areOfDay} and not is_bot group by 1, 2, 3, 4
    ) v join viewer_numbers using (viewer_identifier) group by 1, 2, 3`);
  await ask(sql`
    insert into model_values (model_id, dimension, unit, start, value, views, viewers, audience)
    select model_id, dimension, 'day', ${date}, value, views, viewers, audience
    from ${await unnestValues(rows, newAudience)} join unnest(${sql.param(rows.map(({ id }) => id))}::uuid[])
      with ordinality m(model_id, nth) using (nth)`);
}
