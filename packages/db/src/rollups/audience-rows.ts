import type { SQL } from "drizzle-orm";
import { VALUES_OF_VIEW } from "../audiences/dimensions.ts";
import { keyOfValue } from "../audiences/grouping.ts";
import { sql } from "../postgres/sql.ts";

export type AudienceTable =
  | "model_audiences"
  | "model_hours"
  | "site_hours"
  | "site_hour_values"
  | "model_months"
  | "model_values"
  | "site_days"
  | "site_months"
  | "site_values";

export type AudienceDifference = {
  rollup: AudienceTable;
  key: string;
  expected: string | null;
  found: string | null;
};

/** Compares the rows of a table with those that are expected; without these, with themselves. */
export type CheckAudiences = (
  rollup: AudienceTable,
  /** The hour, day or month, and whether retention has removed its views. */
  of: { when: string; areGone: boolean },
  rows: { found: SQL; expected?: SQL | undefined },
) => Promise<void>;

/** Who viewed, by the stored bitmap (`audience`) or the numbers of the viewers. Rows of one key belong together. */
export type AudienceRow = {
  key: string;
  views: number;
  viewers: number;
  audience: Buffer | null;
  numbers: Buffer | null;
  /** How many viewers have no number. */
  unnumbered: number;
  isStored: boolean;
};

/** SQL: the columns of {@link AudienceRow} of a stored row. */
export const STORED = sql`views::float8 as views, viewers::float8 as viewers, audience, null::bytea as numbers,
  0::float8 as unnumbered, true as "isStored"`;

/** SQL: the same of viewers of the views. */
const COUNTED = sql`sum(views)::float8 as views, count(*)::float8 as viewers, null::bytea as audience,
  string_agg(int4send(viewer_number), '') as numbers, count(*) filter (where viewer_number is null)::float8 as unnumbered,
  false as "isStored"`;

/** SQL: the same where only the views are compared. */
export const SUM_OF_VIEWS = sql`sum(views)::float8 as views, 0::float8 as viewers, null::bytea as audience,
  null::bytea as numbers, 0::float8 as unnumbered, false as "isStored"`;

/** SQL: viewers of these views by a key of columns of `model_views`. */
export function viewersByViews(areAsked: SQL, key: SQL): SQL {
  return sql`
    select key, ${COUNTED}
    from (
      select ${key} as key, viewer_identifier, count(*) as views from model_views
      where ${areAsked} and not is_bot group by 1, 2
    ) v left join viewer_numbers using (viewer_identifier) group by 1`;
}

/** SQL: values of these views by `owner`; `where` is a condition on a row `v` of a model, dimension, value and viewer. */
export function valuesByViews(areAsked: SQL, { owner, where }: { owner: SQL; where: SQL }): SQL {
  return sql`
    select ${owner} || ' ' || ${keyOfValue(sql`value`)} as key, ${COUNTED}
    from (
      select model_id, dimension, value, viewer_identifier, count(*) as views
      from model_views cross join lateral ${VALUES_OF_VIEW} where ${areAsked} and not is_bot group by 1, 2, 3, 4
    ) v left join viewer_numbers using (viewer_identifier) where ${where} group by 1`;
}
