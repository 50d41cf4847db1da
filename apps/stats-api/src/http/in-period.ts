import type { Db } from "@model-views/db/postgres/connect.ts";
import type { Ask } from "@model-views/db/postgres/sql.ts";
import { inTransaction } from "@model-views/db/postgres/transaction.ts";
import {
  type AskedPeriod,
  type ResolvedPeriod,
  resolvePeriod,
} from "@model-views/db/stats/resolve-period.ts";
import { createTimeZones } from "@model-views/db/stats/time-zones.ts";
import type { Period } from "@model-views/shared/contracts/period.ts";
import type { ConcurrencyLimit } from "../cache/concurrency-limit.ts";
import { checkPeriod, DAYS_BEFORE, wrong } from "./period-query.ts";

/** Milliseconds that each statement of such a question may take. */
const STATEMENT_TIMEOUT_MS = 10_000;

/** What each of its sorts and sums may take before it uses the disk: enough for a hundred thousand viewers. */
const WORK_MEMORY = "32MB";

/** Asks about a period: `work` is given its ends, and answers from one snapshot. */
export type InPeriod = <Answer>(
  asked: AskedPeriod,
  now: Date,
  work: (ask: Ask, period: ResolvedPeriod) => Promise<Answer>,
) => Promise<Answer>;

/**
 * Questions about a period: as they read the views, so many at a time.
 *
 * @throws {ProblemError} a `422` when the period is none, a `503` when too many are being answered.
 */
export function createInPeriod(db: Db, limitConcurrency: ConcurrencyLimit): InPeriod {
  const zones = createTimeZones(db.$client);
  return (asked, now, work) =>
    limitConcurrency(async () => {
      const period = await resolvePeriod(db.$client, asked, { now, daysBefore: DAYS_BEFORE, zones });
      if ("wrong" in period) throw wrong(period.wrong, "is nothing that PostgreSQL knows");
      checkPeriod(period);
      return await inSnapshot(db, (ask) => work(ask, period));
    });
}

/**
 * The lock comes before the snapshot: a question that waits for retention to drop a month then sees that it did, instead
 * of a month that is neither there nor removed.
 */
function inSnapshot<Answer>(db: Db, work: (ask: Ask) => Promise<Answer>): Promise<Answer> {
  const options = {
    statementTimeoutMs: STATEMENT_TIMEOUT_MS,
    mode: "isolation level repeatable read read only",
  } as const;
  return inTransaction(db.$client, options, async (ask) => {
    await ask("lock table only model_views in access share mode");
    await ask(`set local work_mem = '${WORK_MEMORY}'`);
    return work(ask);
  });
}

/** The ends of a period as answers tell them. */
export function told({ from, to }: Period): { from: string; to: string } {
  return { from: from.toISOString(), to: to.toISOString() };
}
