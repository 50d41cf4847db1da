import { createHash } from "node:crypto";
import type { SQL } from "drizzle-orm";
import { type Audience, numbersOf, openAudiences } from "../audiences/audience.ts";
import { VALUES_OF_VIEW } from "../audiences/dimensions.ts";
import { isOfDay, monthOf, OPEN_DAYS } from "../audiences/reporting-days.ts";
import { isRetired } from "../audiences/retired-months.ts";
import { keyOfValue } from "../audiences/stored-audiences.ts";
import { type Ask, sql } from "../postgres/sql.ts";

export type AudienceTable =
  | "model_audiences"
  | "model_months"
  | "model_values"
  | "site_days"
  | "site_months"
  | "site_values";

type AudienceDifference = {
  rollup: AudienceTable;
  key: string;
  expected: string | null;
  found: string | null;
};

/** Who viewed, by the stored bitmap (`audience`) or the numbers of the viewers. Rows of one key belong together. */
type Row = {
  key: string;
  views: number;
  viewers: number;
  audience: Buffer | null;
  numbers: Buffer | null;
  /** Views of viewers without a number. */
  unnumbered: number;
  isStored: boolean;
};

type Options = { differencesMax: number; onProgress: (table: string) => void };

/**
 * Are the stored audiences those of the views? Days of models and the values of a day are made anew from the views; days of
 * the site and months as the union of what they consist of. What is open is left out, and what retention has left no views of is
 * compared with itself: the bitmap must have as many viewers as were counted. Reads all views of a day at once.
 */
export async function verifyAudiences(ask: Ask, options: Options): Promise<AudienceDifference[]> {
  const newAudience = await openAudiences();
  const differences: AudienceDifference[] = [];
  const { rows: days } = await ask<{ day: string; isOpen: boolean; isRetired: boolean }>(sql`
    select day::text as day, day in (${OPEN_DAYS}) as "isOpen", ${isRetired(sql`day`)} as "isRetired"
    from (select day from model_days union select day from site_days union select start from site_values where unit = 'day'
      union select start from model_values where unit = 'day') days order by 1`);
  const check = async (rollup: AudienceTable, of: string, found: SQL, expected: SQL | undefined) => {
    const listed = differences.filter((each) => each.rollup === rollup).length;
    if (listed >= options.differencesMax) return;
    const stored = (await ask<Row>(found)).rows;
    const counted = expected === undefined ? undefined : (await ask<Row>(expected)).rows;
    const rows = compare(stored, counted, newAudience).slice(0, options.differencesMax - listed);
    differences.push(
      ...rows.map(({ key, ...row }) => ({ rollup, key: [key, of].filter(Boolean).join(" "), ...row })),
    );
  };
  options.onProgress("audiences of days");
  for (const { day, isOpen, isRetired: areGone } of days) {
    const date = sql`${day}::date`;
    const notOpen = sql`(select model_id from model_days where day = ${date} and viewers is not null)`;
    await check("model_audiences", `on ${day}`, modelDay(date), areGone ? undefined : modelDayByViews(date));
    await check(
      "model_values",
      `on ${day}`,
      sql`
      select model_id || ' ' || dimension || ' ' || ${keyOfValue(sql`value`)} as key, ${STORED} from model_values
      where unit = 'day' and start = ${date} and model_id in ${notOpen}`,
      areGone
        ? undefined
        : valuesByViews(
            date,
            sql`model_id || ' ' || dimension`,
            sql`exists (
        select from model_values s where s.model_id = v.model_id and s.dimension = v.dimension and s.unit = 'day' and s.start = ${date}
      ) and model_id in ${notOpen}`,
          ),
    );
    if (isOpen) continue;
    await check(
      "site_days",
      `on ${day}`,
      sql`select '' as key, ${STORED} from site_days where day = ${date}`,
      sql`select '' as key, ${STORED} from model_days where day = ${date}`,
    );
    await check(
      "site_values",
      `on ${day}`,
      sql`
      select dimension || ' ' || ${keyOfValue(sql`value`)} as key, ${STORED} from site_values where unit = 'day' and start = ${date}`,
      areGone ? undefined : valuesByViews(date, sql`dimension`, sql`true`),
    );
  }
  options.onProgress("audiences of months");
  const { rows: months } = await ask<{ month: string }>(sql`
    select month::text as month from site_months where month not in (select ${monthOf(sql`day`)} from (${OPEN_DAYS}) o) order by 1`);
  for (const { month } of months) {
    const first = sql`${month}::date`;
    const inMonth = (day: SQL) => sql`${day} >= ${first} and ${day} < ${first} + interval '1 month'`;
    await check(
      "site_months",
      `in ${month}`,
      sql`select '' as key, ${STORED} from site_months where month = ${first}`,
      sql`select '' as key, ${STORED} from site_days where ${inMonth(sql`day`)}`,
    );
    await check(
      "model_months",
      `in ${month}`,
      sql`select model_id::text as key, ${STORED} from model_months where month = ${first}`,
      sql`select model_id::text as key, ${STORED} from model_days where ${inMonth(sql`day`)}`,
    );
    const key = sql`dimension || ' ' || ${keyOfValue(sql`value`)}`;
    const ofMonth = sql`unit = 'month' and start = ${first}`;
    await check(
      "site_values",
      `in ${month}`,
      sql`select ${key} as key, ${STORED} from site_values where ${ofMonth}`,
      sql`
      select ${key} as key, ${STORED} from site_values
      where unit = 'day' and ${inMonth(sql`start`)} and dimension in (select dimension from site_values where ${ofMonth})`,
    );
  }
  return differences;
}

const STORED = sql`views::float8 as views, viewers::float8 as viewers, audience, null::bytea as numbers,
  0::float8 as unnumbered, true as "isStored"`;
const COUNTED = sql`sum(views)::float8 as views, count(*)::float8 as viewers, null::bytea as audience,
  string_agg(int4send(viewer_number), '') as numbers, count(*) filter (where viewer_number is null)::float8 as unnumbered,
  false as "isStored"`;

function modelDay(date: SQL): SQL {
  return sql`
    select model_id::text as key, ${STORED} from model_days
    where day = ${date} and viewers is not null and (audience is not null or not ${isRetired(sql`day`)})`;
}

function modelDayByViews(date: SQL): SQL {
  return sql`
    select model_id::text as key, ${COUNTED}
    from (
      select model_id, viewer_identifier, count(*) as views from model_views
      where ${isOfDay(date)} and not is_bot
        and model_id in (select model_id from model_days where day = ${date} and viewers is not null)
      group by 1, 2
    ) v left join viewer_numbers using (viewer_identifier) group by 1`;
}

function valuesByViews(date: SQL, owner: SQL, where: SQL): SQL {
  return sql`
    select ${owner} || ' ' || ${keyOfValue(sql`value`)} as key, ${COUNTED}
    from (
      select model_id, dimension, value, viewer_identifier, count(*) as views
      from model_views cross join lateral ${VALUES_OF_VIEW} where ${isOfDay(date)} and not is_bot group by 1, 2, 3, 4
    ) v left join viewer_numbers using (viewer_identifier) where ${where} group by 1`;
}

type Difference = { key: string; expected: string | null; found: string | null };

/** What differs between what is stored and what is expected; without an expectation, with the stored bitmaps themselves. */
function compare(
  found: readonly Row[],
  expected: readonly Row[] | undefined,
  newAudience: () => Audience,
): Difference[] {
  const stored = Map.groupBy(found, ({ key }) => key);
  const counted = Map.groupBy(expected ?? found, ({ key }) => key);
  return [...new Set([...stored.keys(), ...counted.keys()])].flatMap((key) => {
    const ofFound = inWords(stored.get(key), newAudience, ([row]) => row?.viewers);
    const ofExpected = inWords(counted.get(key), newAudience, () => undefined);
    // Counted by an earlier version, and nothing is left to compare it with.
    if (ofFound === undefined || ofExpected === undefined || ofFound === ofExpected) return [];
    return [{ key, expected: ofExpected, found: ofFound }];
  });
}

/**
 * Views, viewers and a digest of who they are; null without rows, undefined where an audience is not known.
 *
 * @param stated how many viewers the row says that there are; by default as many as the bitmap has.
 */
function inWords(
  rows: readonly Row[] | undefined,
  newAudience: () => Audience,
  stated: (rows: readonly Row[]) => number | undefined,
): string | null | undefined {
  if (rows === undefined) return null;
  using all = newAudience();
  let [views, unnumbered] = [0, 0];
  for (const row of rows) {
    views += row.views;
    if (row.audience !== null) all.add(row.audience);
    else if (row.numbers !== null) all.addNumbers(numbersOf(row.numbers));
    else if (row.isStored) return undefined;
    unnumbered += row.unnumbered;
  }
  const digest = createHash("sha256").update(all.toBytes()).digest("hex").slice(0, 8);
  const viewers = stated(rows) ?? all.size;
  return `${views} views, ${viewers} viewers ${digest}${unnumbered === 0 ? "" : `, ${unnumbered} without a number`}`;
}
