import { keyOfValue } from "../audiences/grouping.ts";
import { isOfMonth, monthOf, nextMonth, OPEN_DAYS } from "../audiences/reporting-days.ts";
import { isMonthRetired } from "../audiences/retired-months.ts";
import { type Ask, sql } from "../postgres/sql.ts";
import { type CheckAudiences, STORED, SUM_OF_VIEWS, valuesByViews } from "./audience-rows.ts";

/**
 * Are stored months the union of their days? What a model's open day makes outdated is left out, and of the site what any open
 * day does. The values of a model's month are made anew from the views, because its days may have none stored.
 */
export async function verifyMonths(ask: Ask, check: CheckAudiences): Promise<void> {
  const { rows: months } = await ask<{ month: string; isOfSite: boolean; areGone: boolean }>(sql`
    select month::text as month, ${isMonthRetired(sql`month`)} as "areGone",
      month in (select month from site_months) and month not in (select ${monthOf(sql`day`)} from (${OPEN_DAYS}) o) as "isOfSite"
    from (select month from site_months union select month from model_months
      union select start from site_values where unit = 'month' union select start from model_values where unit = 'month'
    ) months order by 1`);
  for (const { month, isOfSite, areGone } of months) {
    const first = sql`${month}::date`;
    const next = nextMonth(first);
    const areOfMonth = await isOfMonth(ask, month);
    const of = { when: `in ${month}`, areGone };
    const inMonth = sql`day >= ${first} and day < ${next}`;
    const ofMonth = sql`unit = 'month' and start = ${first}`;
    const isClosed = sql`model_id not in (select model_id from model_days where ${inMonth} and viewers is null)`;
    // While the site's month is not stored, neither need those of all models be.
    const areStored = isOfSite
      ? sql`true`
      : sql`model_id in (select model_id from model_months where month = ${first})`;
    await check("model_months", of, {
      found: sql`select model_id::text as key, ${STORED} from model_months where month = ${first} and ${isClosed}`,
      expected: sql`
        select model_id::text as key, ${STORED} from model_days where ${inMonth} and ${isClosed} and ${areStored}`,
    });
    const model = sql`model_id || ' ' || dimension`;
    await check("model_values", of, {
      found: sql`
        select ${model} || ' ' || ${keyOfValue(sql`value`)} as key, ${STORED} from model_values where ${ofMonth} and ${isClosed}`,
      expected: areGone
        ? undefined
        : valuesByViews(
            sql`${areOfMonth} and model_id in (select model_id from model_values where ${ofMonth})`,
            {
              owner: model,
              where: sql`exists (
              select from model_values s where s.model_id = v.model_id and s.dimension = v.dimension and ${ofMonth}
            ) and ${isClosed}`,
            },
          ),
    });
    if (areGone) {
      await check("model_values", of, {
        found: sql`select ${model} as key, ${SUM_OF_VIEWS} from model_values where ${ofMonth} and ${isClosed} group by 1`,
        expected: sql`
          select ${model} as key, ${SUM_OF_VIEWS}
          from model_days join (select distinct model_id, dimension from model_values where ${ofMonth}) v using (model_id)
          where ${inMonth} and ${isClosed} group by 1`,
      });
    }
    if (!isOfSite) continue;
    await check("site_months", of, {
      found: sql`select '' as key, ${STORED} from site_months where month = ${first}`,
      expected: sql`select '' as key, ${STORED} from site_days where ${inMonth}`,
    });
    const key = sql`dimension || ' ' || ${keyOfValue(sql`value`)}`;
    await check("site_values", of, {
      found: sql`select ${key} as key, ${STORED} from site_values where ${ofMonth}`,
      expected: sql`
        select ${key} as key, ${STORED} from site_values
        where unit = 'day' and start >= ${first} and start < ${next}
          and dimension in (select dimension from site_values where ${ofMonth})`,
    });
  }
}
