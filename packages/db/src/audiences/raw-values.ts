import type { Dimension } from "@model-views/shared/contracts/breakdown.ts";
import type { SQL } from "drizzle-orm";
import { type Ask, sql } from "../postgres/sql.ts";
import { columnOf } from "./dimensions.ts";
import { keyOfValue, type Scope } from "./grouping.ts";
import type { Span } from "./period-days.ts";
import { groupedViews, type RawRow } from "./raw-audiences.ts";

/**
 * Counts views and viewers of each value of these dimensions from the views themselves, which are read once for all of them.
 * A viewer of two spans of a group counts once. Views that retention is about to remove are left out. Of one model it reads the
 * primary key.
 *
 * With numbers, viewers without a number get a temporary one, beyond those of `viewer_numbers`: the same one in all rows.
 *
 * @param groups spans that do not overlap.
 */
export async function rawValues(
  ask: Ask,
  { by, ...question }: Scope & { by: readonly Dimension[]; where: SQL },
  { groups, withNumbers }: { groups: readonly (readonly Span[])[]; withNumbers: boolean },
): Promise<RawRow[]> {
  const columns = by.map((dimension) => columnOf(dimension));
  const views = groupedViews(groups, question, sql.join([sql`viewer_identifier`, ...columns], sql`, `));
  if (views === undefined) return [];
  const values = sql.join(
    by.map((dimension) => sql`(${dimension}::text, ${columnOf(dimension)}::text)`),
    sql`, `,
  );
  const number = withNumbers ? NUMBER_OR_TEMPORARY : sql`row_number() over ()`;
  const numbers = withNumbers ? sql`string_agg(int4send(number::int), '')` : sql`null::bytea`;
  const { rows } = await ask<RawRow>(sql`
    with viewed as materialized (
      select * from (${views}) v where index is not null
    ), numbered as materialized (
      select viewer_identifier, ${number} as number
      from (select distinct viewer_identifier from viewed) v
      ${withNumbers ? sql`left join viewer_numbers n using (viewer_identifier)` : sql``}
    )
    select dimension || ${keyOfValue(sql`value`)} as key, index as "group", sum(views)::float8 as views,
      count(*)::float8 as viewers, ${numbers} as numbers
    from (
      select dimension, value, index, number, count(*) as views
      from viewed join numbered using (viewer_identifier) cross join lateral (values ${values}) d(dimension, value)
      group by 1, 2, 3, 4
    ) each_viewer group by dimension, value, index`);
  return rows;
}

/**
 * SQL: the number of a viewer `n` of `viewer_numbers`, or else a temporary one. Temporary ones are negative: as numbers without a
 * sign, as audiences have them, they are beyond 2^31, where no viewer's number is.
 */
export const NUMBER_OR_TEMPORARY = sql`coalesce(n.viewer_number, -row_number() over ())`;
