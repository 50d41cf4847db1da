import { keyOfValue } from "../audiences/grouping.ts";
import { isRetiredAt } from "../audiences/retired-months.ts";
import { type Ask, sql } from "../postgres/sql.ts";
import { type CheckAudiences, STORED, valuesByViews, viewersByViews } from "./audience-rows.ts";

/**
 * Are the hours that are complete those of their views? What a deleted model makes outdated is left out. That the site's are the
 * union of the models' follows, because all of them are made anew from the views.
 */
export async function verifyHours(ask: Ask, check: CheckAudiences): Promise<void> {
  const { rows: hours } = await ask<{ hour: Date; isChanged: boolean }>(sql`
    select hour, hour in (select hour from changed_hours) as "isChanged" from finalized_hours
    where is_complete and not ${isRetiredAt(sql`hour`)} order by 1`);
  for (const { hour, isChanged } of hours) {
    const of = { when: `at ${hour.toISOString()}`, areGone: false };
    const isInHour = sql`viewed_at >= ${hour} and viewed_at < ${hour}::timestamptz + interval '1 hour'`;
    await check("model_hours", of, {
      found: sql`select model_id::text as key, ${STORED} from model_hours where hour = ${hour}`,
      expected: viewersByViews(isInHour, sql`model_id::text`),
    });
    if (isChanged) continue;
    await check("site_hours", of, {
      found: sql`select '' as key, ${STORED} from site_hours where hour = ${hour}`,
      expected: viewersByViews(isInHour, sql`''`),
    });
    await check("site_hour_values", of, {
      found: sql`
        select dimension || ' ' || ${keyOfValue(sql`value`)} as key, ${STORED} from site_hour_values where hour = ${hour}`,
      expected: valuesByViews(isInHour, { owner: sql`dimension`, where: sql`true` }),
    });
  }
}
