import type { Db } from "@model-views/db/postgres/connect.ts";
import { sql } from "@model-views/db/postgres/sql.ts";
import { inTransaction } from "@model-views/db/postgres/transaction.ts";
import { ofEachScore, scoresAnew } from "@model-views/db/recording/hot-score.ts";
import type { SQL } from "drizzle-orm";

/** Models of a data set. */
const MODELS = 2_000;
/** Days that a data set goes back, and the months that they may touch before this one. */
const DAYS = 365;
export const MONTHS = 12;
const DAY_MS = 86_400_000;

/** The n-th most popular model has a weight of n to the power of minus this: then the first one has 9% of the views. */
const SKEW = 0.92;
/** Share of the views by people who view the same model again and again. */
const FANS_SHARE = 0.4;
/** Average views of one such person. */
const VIEWS_A_FAN = 8;
/** Average views of anyone else, of all models together; a few have many more. */
const VIEWS_A_VISITOR = 6;
const BOTS_SHARE = 0.03;

/** Milliseconds for filling one day, or making the rollups of all. */
const TIMEOUT_MS = 1_800_000;

/** Makes 2,000 models; the rank of each is in its name, 1 for the most popular. */
export async function makeModels(db: Db): Promise<void> {
  await db.$client.query(
    `insert into models (id, name, category)
     select md5('model ' || rank)::uuid, 'model ' || rank, 'category ' || rank % 10
     from generate_series(1, $1::int) rank`,
    [MODELS],
  );
}

/** One day's views, in the order of their times. Rows alone: what they refer to is there, and rollups are made at the end. */
function dayOfViews({ views, from, to, count }: { views: number; from: Date; to: Date; count: number }): SQL {
  return sql`
insert into model_views (id, model_id, viewer_identifier, viewed_at, country, device, browser, os, referrer_host, utm_source, is_bot)
select gen_random_uuid(), md5('model ' || rank)::uuid,
  encode(sha256(convert_to(
    case when of_fan < ${FANS_SHARE} then 'fan ' || rank || ' ' || floor(who * greatest(1, weights[rank] * ${views} * ${FANS_SHARE / VIEWS_A_FAN}))
      else 'visitor ' || floor(who * who * ${views} * ${(1 - FANS_SHARE) / VIEWS_A_VISITOR}) end, 'UTF8')), 'hex'),
  viewed_at,
  (array['DE','AT','CH','FR','IT','GB','US','PL','ES','NL'])[1 + floor(country * country * 10)::int],
  (array['mobile','desktop','tablet'])[1 + floor(kind * kind * 3)::int],
  (array['Chrome','Safari','Firefox','Edge','Samsung Internet'])[1 + floor(browser * browser * 5)::int],
  (array['Android','iOS','Windows','macOS','Linux'])[1 + floor(browser * kind * 5)::int],
  case when country > 0.3 then 'site-' || floor(browser * browser * 200) || '.example' end,
  case when kind > 0.8 then 'newsletter' end,
  bot < ${BOTS_SHARE}
from (
  select width_bucket(random(), upto) as rank, weights, random() as of_fan, random() as who, random() as country,
    random() as kind, random() as browser, random() as bot, ${from}::timestamptz + random() * (${to}::timestamptz - ${from}::timestamptz) as viewed_at
  from (
    select array_agg(weight order by rank) as weights, array_agg(before order by rank) as upto
    from (
      select rank, weight / sum(weight) over () as weight,
        coalesce(sum(weight) over (order by rank rows between unbounded preceding and 1 preceding), 0) / sum(weight) over () as before
      from (select rank, (rank ^ -${SKEW}::float8) as weight from generate_series(1, ${MODELS}::int) rank) w
    ) w
  ) shares, generate_series(1, ${count}::int)
  order by viewed_at
) made`;
}

const ROLLUPS = [
  sql`insert into model_viewers select model_id, viewer_identifier, count(*), min(viewed_at), max(viewed_at)
   from model_views where not is_bot group by 1, 2`,
  sql`insert into model_totals select model_id, sum(views), count(*), max(last_viewed_at) from model_viewers group by 1`,
  sql`insert into model_days (model_id, day, views) select model_id, (viewed_at at time zone 'utc')::date, count(*)
   from model_views where not is_bot group by 1, 2 order by 2, 1`,
  sql`update model_totals t set ${sql.raw(ofEachScore(({ column }) => `${column} = s.${column}`))}
   from (${scoresAnew(sql`true`, [])}) s where t.model_id = s.model_id`,
];

/**
 * Fills an empty database with so many views of the days before `end`, and makes the rollups. It skips the checks of foreign
 * keys, which takes a superuser.
 *
 * @param onProgress is called with the number of views so far.
 */
export async function makeViews(
  db: Db,
  { views, end, onProgress }: { views: number; end: Date; onProgress: (views: number) => void },
): Promise<void> {
  let made = 0;
  for (let day = 0; day < DAYS; day += 1) {
    const from = new Date(end.getTime() - (DAYS - day) * DAY_MS);
    const count = Math.floor(((day + 1) * views) / DAYS) - made;
    const to = new Date(from.getTime() + DAY_MS);
    await unchecked(db, dayOfViews({ views, from, to, count }));
    made += count;
    onProgress(made);
  }
  for (const statement of ROLLUPS) await unchecked(db, statement);
}

async function unchecked(db: Db, statement: SQL): Promise<void> {
  await inTransaction(db.$client, { statementTimeoutMs: TIMEOUT_MS }, async (ask) => {
    await ask("set local session_replication_role = replica");
    await ask("set local work_mem = '1GB'");
    await ask(statement);
  });
}
