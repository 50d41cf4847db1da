import type { Db } from "../postgres/connect.ts";

/** Has retention removed any views? Reads retired_months, one small row a month. */
export async function areViewsRemoved(db: Db): Promise<boolean> {
  const { rowCount } = await db.$client.query("select from retired_months limit 1");
  return rowCount === 1;
}
