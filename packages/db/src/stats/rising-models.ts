import type { HotModel } from "@model-views/shared/contracts/stats.ts";
import type { SQL } from "drizzle-orm";
import type { Pool } from "pg";
import { sql } from "../postgres/sql.ts";
import { inSnapshot, isOfCategory, type NowQuestion, RANKED_COLUMNS } from "./hot-models.ts";
import { recentParts, viewsInParts } from "./recent-views.ts";
import { daysBefore, recentPeriod, roundedScore, viewsBefore, type WhyRow, whyOf } from "./why.ts";

const HOURS = 24;

/** The quantile of the normal distribution for a bound that holds in 97.5% of cases: 95% for both bounds. */
const Z = 1.96;

/** Views a day below which the usual rate does not count as lower: else any view of a model that is hardly viewed is a rise. */
const USUAL_VIEWS_MIN = 1;

type RisingRow = Omit<HotModel, "lastViewedAt" | "why"> & WhyRow & { lastViewedAt: Date };

/**
 * Which models are viewed more than they usually are? Ranked by the `score`: the lower bound of (views a day in the last 24 hours
 * ÷ views a day in the 28 days before), so that few views do not make a rise. Above 1 the rise is hardly by chance. Only models with
 * views in the last 24 hours; ties are broken by model id. Views of bots are left out.
 *
 * Of two Poisson counts, one of recent views (k, in 1 day) and one of earlier views (b, in d days), k is binomial once their sum
 * n = k + b is known, with p = r ÷ (r + d) for a ratio r of their rates (Przyborowski and Wilenski, "Homogeneity of Results in
 * Testing Samples from Poisson Series", Biometrika 1940). The lower bound of p is Wilson's score bound (Wilson, "Probable
 * Inference, the Law of Succession, and Statistical Inference", JASA 1927):
 *
 *   p₋ = (k/n + z²/2n − z √((k/n)(1 − k/n)/n + z²/4n²)) ÷ (1 + z²/n), and the score is d · p₋ ÷ (1 − p₋).
 *
 * Days are those on which the model had been viewed already; with none, nothing is known of what is usual, and the score is 0. Less
 * than a view a day counts as one (b ≥ d).
 *
 * Reads the last 24 hours of model_hours and 28 days of model_days, of all models.
 */
export async function risingModels(
  pool: Pool,
  { limit, category, now, signal }: NowQuestion,
): Promise<HotModel[]> {
  return inSnapshot(pool, signal, async (ask) => {
    const period = await recentPeriod(ask, { hours: HOURS, now });
    const parts = await recentParts(ask, period.since);
    const { rows } = await ask<RisingRow>(sql`
      with counted as materialized (
        select recent.model_id, recent.views as recent, coalesce(before.views, 0) as before,
          ${daysBefore(period, { modelId: sql`recent.model_id`, before: sql`before` })} as days
        from (${viewsInParts(parts, sql`true`)}) recent
        left join (${viewsBefore(period, sql`true`)}) before using (model_id)
      )
      select ${RANKED_COLUMNS}, ${parts.isUnknown ? sql`null::float8` : sql`recent::float8`} as recent,
        before::float8 as before, days, ${SCORE} as score
      from counted c join models m on m.id = c.model_id join model_totals t on t.model_id = c.model_id
      cross join lateral (select recent::float8 as k, recent::float8 + greatest(before, days * ${USUAL_VIEWS_MIN}::int) as n) counts
      cross join lateral (select ${LOWER_SHARE} as p) bound
      where ${isOfCategory(category)}
      order by score desc, c.model_id limit ${limit}`);
    return rows.map(({ lastViewedAt, score, recent, before, days, ...row }) => ({
      ...row,
      lastViewedAt: lastViewedAt.toISOString(),
      score: roundedScore(score),
      why: whyOf({ recent, before, days }, HOURS),
    }));
  });
}

/** SQL: Wilson's lower bound of k ÷ n. */
const LOWER_SHARE: SQL = sql.raw(
  `(k / n + ${Z ** 2} / (2 * n) - ${Z} * sqrt((k / n) * (1 - k / n) / n + ${Z ** 2} / (4 * n * n))) / (1 + ${Z ** 2} / n)`,
);

const SCORE: SQL = sql`case when days = 0 then 0 else days * p / (1 - p) end`;
