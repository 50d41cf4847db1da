import type { SQL } from "drizzle-orm";
import type { PeriodDay } from "../audiences/period-days.ts";
import { NOT_RETIRED } from "../audiences/retired-months.ts";
import { sql } from "../postgres/sql.ts";
import { decaysSince, HOT_SCORES, log2, powerOf2, viewsOfRemovedDays } from "../recording/hot-score.ts";

/** How much a logarithm may differ by rounding: a relative 1e-9 of the score. */
const ROUNDING = 1.5e-9;

/**
 * Seconds by which a view may weigh as an earlier one: it was up to five minutes ahead of PostgreSQL's clock when it was recorded,
 * and weighs as one of that moment. Twice that, because an erased view is subtracted as if it had not been ahead.
 */
const AHEAD_SECONDS_MAX = 600;

/** The lowest and the highest logarithm that each score may have, as columns. */
const BOUNDS = Object.values(HOT_SCORES)
  .map(({ column, seconds }) => {
    const bound = (since: string) => {
      const weight = `v.views * ${powerOf2(`(v.${since} - r.since) / ${seconds}`)}`;
      return `r.since / ${seconds} + ${log2(`sum(${weight}) filter (where v.${since} is not null)`)}`;
    };
    const slack = AHEAD_SECONDS_MAX / seconds + ROUNDING;
    return `r.${column}, coalesce(${bound("earliest")}, '-infinity') - ${slack} as lowest_${column},
      ${bound("latest")} + ${ROUNDING} as highest_${column}`;
  })
  .join(", ");

const COLUMNS = Object.values(HOT_SCORES).map(({ column }) => column);

/** A row for each score of a model. */
const EACH_SCORE = Object.entries(HOT_SCORES)
  .map(([halfLife, { column }]) => `('${halfLife}', ${column}, lowest_${column}, highest_${column})`)
  .join(", ");

/**
 * SQL: the scores of `model_totals`, each by its logarithm, as found and as the views that are left have them. Where retention
 * has removed views, any time of their day is accepted, and for a view that is still ahead of PostgreSQL's clock any earlier time.
 * Rows that are missing are reported for `model_totals` itself.
 *
 * @param days every day of which retention has removed views.
 */
export function hotScoresInBounds(days: readonly PeriodDay[]): SQL {
  return sql`
  select model_id || ' ' || half_life as key, found::text as found,
    case when found between lowest and highest then found else highest end::text as expected
  from (
    select model_id, ${sql.raw(BOUNDS)}
    from (
      select model_id, ${sql.raw(decaysSince("last_viewed_at"))} as since, ${sql.raw(COLUMNS.join(", "))} from model_totals
    ) r join (
      select model_id, 1 as views, ${sql.raw(decaysSince("viewed_at"))} as latest,
        case when viewed_at <= now() then ${sql.raw(decaysSince("viewed_at"))} end as earliest
      from model_views where not is_bot and ${NOT_RETIRED}
      union all
      select model_id, views, ${sql.raw(decaysSince("next_start"))}, ${sql.raw(decaysSince("start"))}
      from (${viewsOfRemovedDays(days, sql`true`)}) removed_days
    ) v using (model_id)
    group by model_id, r.since, ${sql.raw(COLUMNS.join(", "))}
  ) each_model cross join lateral (values ${sql.raw(EACH_SCORE)}) each_score(half_life, found, lowest, highest)`;
}
