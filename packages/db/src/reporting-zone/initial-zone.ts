import { UsageError } from "@model-views/shared/runtime/run-command.ts";
import type { Pool } from "pg";
import { asking, sql } from "../postgres/sql.ts";
import { changeReportingZone } from "./change-reporting-zone.ts";
import { nameInPostgres, otherZone } from "./reporting-zone.ts";

/**
 * Makes the days those of the zone of `REPORTING_TIME_ZONE`, if it is set and there are no views yet.
 *
 * @returns what an operator has to know: that the days are of another zone, which is not changed by a setting alone.
 * @throws {UsageError} when PostgreSQL does not know the zone.
 */
export async function useInitialZone(pool: Pool, setting: string | undefined): Promise<string | undefined> {
  const warning = await otherZone(pool, setting);
  if (setting === undefined || warning === undefined) return undefined;
  const { rowCount: found } = await asking(pool)(sql`
    (select from model_views limit 1) union all (select from model_days limit 1)
    union all (select from retired_months limit 1)`);
  if (found !== 0) return warning;
  const timeZone = await nameInPostgres(pool, setting);
  if (timeZone === undefined)
    throw new UsageError(`REPORTING_TIME_ZONE: PostgreSQL knows no time zone ${setting}`);
  await changeReportingZone(pool, { timeZone });
  return undefined;
}
