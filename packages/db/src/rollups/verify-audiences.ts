import { openAudiences } from "../audiences/audience.ts";
import { keyOfValue } from "../audiences/grouping.ts";
import { isOfDay, OPEN_DAYS } from "../audiences/reporting-days.ts";
import { isRetired } from "../audiences/retired-months.ts";
import { type Ask, sql } from "../postgres/sql.ts";
import {
  type AudienceDifference,
  type AudienceRow,
  type CheckAudiences,
  STORED,
  SUM_OF_VIEWS,
  valuesByViews,
  viewersByViews,
} from "./audience-rows.ts";
import { compareAudiences } from "./compare-audiences.ts";
import { verifyHours } from "./verify-hours.ts";
import { verifyMonths } from "./verify-months.ts";

type Options = { differencesMax: number; onProgress: (table: string) => void };

/**
 * Are the stored audiences those of the views? Hours, days of models and the values of a day are made anew from the views; days of
 * the site and months as the union of what they consist of. What is open is left out. Of what retention has left no views, the
 * bitmap must have as many viewers as were counted, and the values as many views as the day. Reads all views of a month at once.
 */
export async function verifyAudiences(ask: Ask, options: Options): Promise<AudienceDifference[]> {
  const newAudience = await openAudiences();
  const differences: AudienceDifference[] = [];
  const check: CheckAudiences = async (rollup, of, { found, expected }) => {
    const listed = differences.filter((each) => each.rollup === rollup).length;
    if (listed >= options.differencesMax) return;
    const stored = (await ask<AudienceRow>(found)).rows;
    const counted = expected === undefined ? undefined : (await ask<AudienceRow>(expected)).rows;
    const rows = compareAudiences({ found: stored, expected: counted }, of.areGone, newAudience).slice(
      0,
      options.differencesMax - listed,
    );
    differences.push(
      ...rows.map(({ key, ...row }) => ({ rollup, key: [key, of.when].filter(Boolean).join(" "), ...row })),
    );
  };
  options.onProgress("audiences of hours");
  await verifyHours(ask, check);
  options.onProgress("audiences of days");
  await verifyDays(ask, check);
  options.onProgress("audiences of months");
  await verifyMonths(ask, check);
  return differences;
}

async function verifyDays(ask: Ask, check: CheckAudiences): Promise<void> {
  const { rows: days } = await ask<{ day: string; isOpen: boolean; areGone: boolean }>(sql`
    select day::text as day, day in (${OPEN_DAYS}) as "isOpen", ${isRetired(sql`day`)} as "areGone"
    from (select day from model_days union select day from site_days union select start from site_values where unit = 'day'
      union select start from model_values where unit = 'day') days order by 1`);
  for (const { day, isOpen, areGone } of days) {
    const date = sql`${day}::date`;
    const areOfDay = await isOfDay(ask, day);
    const of = { when: `on ${day}`, areGone };
    const isClosed = sql`model_id not in (select model_id from model_days where day = ${date} and viewers is null)`;
    await check("model_audiences", of, {
      found: sql`
        select model_id::text as key, ${STORED} from model_days
        where day = ${date} and viewers is not null`,
      expected: areGone
        ? undefined
        : viewersByViews(
            sql`${areOfDay} and model_id in (
              select model_id from model_days where day = ${date} and viewers is not null
            )`,
            sql`model_id::text`,
          ),
    });
    const ofDay = sql`unit = 'day' and start = ${date}`;
    const model = sql`model_id || ' ' || dimension`;
    const ofModels = sql`select ${model} || ' ' || ${keyOfValue(sql`value`)} as key, ${STORED} from model_values where ${ofDay} and ${isClosed}`;
    const areStored = sql`exists (
      select from model_values s where s.model_id = v.model_id and s.dimension = v.dimension and s.unit = 'day' and s.start = ${date}
    ) and ${isClosed}`;
    await check("model_values", of, {
      found: ofModels,
      expected: areGone
        ? undefined
        : valuesByViews(sql`${areOfDay} and model_id in (select model_id from model_values where ${ofDay})`, {
            owner: model,
            where: areStored,
          }),
    });
    if (areGone) {
      await check("model_values", of, {
        found: sql`select ${model} as key, ${SUM_OF_VIEWS} from model_values where ${ofDay} and ${isClosed} group by 1`,
        expected: sql`
          select ${model} as key, ${SUM_OF_VIEWS}
          from model_days join (select distinct model_id, dimension from model_values where ${ofDay}) v using (model_id)
          where day = ${date} and ${isClosed} group by 1`,
      });
    }
    if (isOpen) continue;
    await check("site_days", of, {
      found: sql`select '' as key, ${STORED} from site_days where day = ${date}`,
      expected: sql`select '' as key, ${STORED} from model_days where day = ${date}`,
    });
    await check("site_values", of, {
      found: sql`select dimension || ' ' || ${keyOfValue(sql`value`)} as key, ${STORED} from site_values where ${ofDay}`,
      expected: areGone ? undefined : valuesByViews(areOfDay, { owner: sql`dimension`, where: sql`true` }),
    });
    if (areGone) {
      await check("site_values", of, {
        found: sql`select dimension as key, ${SUM_OF_VIEWS} from site_values where ${ofDay} group by 1`,
        expected: sql`
          select dimension as key, ${SUM_OF_VIEWS}
          from site_days cross join (select distinct dimension from site_values where ${ofDay}) v
          where day = ${date} group by 1`,
      });
    }
  }
}
