import { getModel } from "@model-views/db/models/get-model.ts";
import type { Db } from "@model-views/db/postgres/connect.ts";
import type { Ask } from "@model-views/db/postgres/sql.ts";
import { inTransaction } from "@model-views/db/postgres/transaction.ts";
import {
  type AskedPeriod,
  type ResolvedPeriod,
  resolvePeriod,
} from "@model-views/db/stats/resolve-period.ts";
import { createTimeZones } from "@model-views/db/stats/time-zones.ts";
import type { ConcurrencyLimit } from "../cache/concurrency-limit.ts";
import { checkPeriod, DAYS_BEFORE } from "./periods.ts";
import { invalidParameter, unknownModel } from "./problems.ts";

/** Milliseconds that each statement of such a question may take. */
const STATEMENT_TIMEOUT_MS = 10_000;

/** Memory that each sort and sum may take before it uses the disk: enough for a hundred thousand viewers. */
const WORK_MEMORY = "32MB";

/** Answers a question about a period: `work` gets the resolved period, and reads one snapshot. */
export type InPeriod = <Answer>(
  asked: AskedPeriod,
  now: Date,
  work: (ask: Ask, period: ResolvedPeriod) => Promise<Answer>,
) => Promise<Answer>;

/**
 * Questions about a period read the views, so only some of them run at the same time.
 *
 * @throws {ProblemError} a `422` when the period is not valid, a `503` when too many questions are being answered.
 */
export function createInPeriod(db: Db, limitConcurrency: ConcurrencyLimit): InPeriod {
  const zones = createTimeZones(db.$client);
  return (asked, now, work) =>
    limitConcurrency(async () => {
      const period = await resolvePeriod(db.$client, asked, { now, daysBefore: DAYS_BEFORE, zones });
      if ("wrong" in period) throw invalidParameter(period.wrong, "is not known to PostgreSQL");
      checkPeriod(period);
      return await inSnapshot(db, (ask) => work(ask, period));
    });
}

/**
 * The lock comes before the snapshot. A question that waits for retention to drop a month then sees that it did; with the
 * snapshot first, the month would be neither there nor noted as removed.
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

/**
 * Checks that a model exists. It takes a connection of the pool, so it comes before {@link InPeriod}, which takes another.
 *
 * @throws {ProblemError} a `404` when there is no such model.
 */
export async function checkModel(db: Db, modelId: string): Promise<void> {
  if ((await getModel(db, modelId)) === undefined) throw unknownModel(modelId);
}
