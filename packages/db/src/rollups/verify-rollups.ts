import type { Db } from "../connect.ts";

/** A row of a rollup that is not what the raw views say; null where one side has no such row. */
export type RollupDifference = {
  rollup: "model_viewers" | "model_totals" | "model_days";
  key: string;
  expected: string | null;
  found: string | null;
};

/** Differences that are listed of each rollup. */
export const DIFFERENCES_MAX = 100;

/** Each rollup: its key and figures as text, once from the raw views and once from the table. */
const ROLLUPS = [
  {
    rollup: "model_viewers",
    expected: `select model_id || ' ' || viewer_identifier as key,
        concat_ws(' ', count(*), min(viewed_at), max(viewed_at)) as figures
      from model_views where not is_bot group by model_id, viewer_identifier`,
    found: `select model_id || ' ' || viewer_identifier as key,
        concat_ws(' ', views, first_viewed_at, last_viewed_at) as figures from model_viewers`,
  },
  {
    rollup: "model_totals",
    expected: `select model_id::text as key,
        concat_ws(' ', count(*), count(distinct viewer_identifier), max(viewed_at)) as figures
      from model_views where not is_bot group by model_id`,
    found: `select model_id::text as key,
        concat_ws(' ', total_views, unique_viewers, last_viewed_at) as figures from model_totals`,
  },
  {
    rollup: "model_days",
    expected: `select model_id || ' ' || (viewed_at at time zone 'utc')::date as key, count(*)::text as figures
      from model_views where not is_bot group by model_id, (viewed_at at time zone 'utc')::date`,
    found: `select model_id || ' ' || day as key, views::text as figures from model_days`,
  },
] as const;

/**
 * Do the rollups say what the raw views say? Recomputes every one of them, all from one snapshot, so that it can
 * run beside a worker. Reads whole tables: minutes at hundreds of millions of views.
 *
 * @returns the differences, at most {@link DIFFERENCES_MAX} of each rollup; none when all is well.
 */
export async function verifyRollups(
  db: Db,
  onProgress: (rollup: string) => void = () => {},
): Promise<RollupDifference[]> {
  const client = await db.$client.connect();
  const differences: RollupDifference[] = [];
  try {
    await client.query("begin isolation level repeatable read read only");
    await client.query("set local statement_timeout = 0");
    for (const { rollup, expected, found } of ROLLUPS) {
      onProgress(rollup);
      const { rows } = await client.query<Omit<RollupDifference, "rollup">>(
        `select key, expected.figures as expected, found.figures as found
         from (${expected}) expected full join (${found}) found using (key)
         where expected.figures is distinct from found.figures
         order by key limit ${DIFFERENCES_MAX}`,
      );
      differences.push(...rows.map((row) => ({ rollup, ...row })));
    }
    await client.query("commit");
  } finally {
    client.release(true);
  }
  return differences;
}
