import { getModel } from "@model-views/db/models/get-model.ts";
import { cancelledBy, type Db, type Queryable } from "@model-views/db/postgres/connect.ts";
import type { Ask } from "@model-views/db/postgres/sql.ts";
import { inTransaction } from "@model-views/db/postgres/transaction.ts";
import {
  type AskedPeriod,
  type ResolvedPeriod,
  resolvePeriod,
} from "@model-views/db/stats/resolve-period.ts";
import { createTimeZones } from "@model-views/db/stats/time-zones.ts";
import { checkPeriod, DAYS_BEFORE } from "./periods.ts";
import { invalidParameter, unknownModel } from "./problems.ts";

/** Milliseconds that each statement of such a question may take. */
const STATEMENT_TIMEOUT_MS = 10_000;

/** Memory that each sort and sum may take before it uses the disk: enough for a hundred thousand viewers. */
const WORK_MEMORY = "32MB";

/** When the question is asked, and the signal on which its statements are cancelled. */
export type Asking = { now: Date; unwanted: AbortSignal };

/** Answers a question about a period: `work` gets the resolved period, and reads one snapshot. */
export type InPeriod = <Answer>(
  asked: AskedPeriod,
  asking: Asking,
  work: (ask: Ask, period: ResolvedPeriod) => Promise<Answer>,
) => Promise<Answer>;

/** @throws {ProblemError} a `422` when the period is not valid. */
export function createInPeriod(db: Db): InPeriod {
  // Their names are asked for once, for all questions: not cancelled for one of them.
  const zones = createTimeZones(db.$client);
  return async (asked, { now, unwanted }, work) => {
    const pool = cancelledBy(db, unwanted).$client;
    const period = await resolvePeriod(pool, asked, { now, daysBefore: DAYS_BEFORE, zones });
    if ("wrong" in period) throw invalidParameter(period.wrong, "is not known to PostgreSQL");
    checkPeriod(period);
    return await inSnapshot(db, unwanted, (ask) => work(ask, period));
  };
}

/**
 * The lock comes before the snapshot. A question that waits for retention to drop a month then sees that it did; with the
 * snapshot first, the month would be neither there nor noted as removed.
 */
function inSnapshot<Answer>(
  db: Db,
  signal: AbortSignal,
  work: (ask: Ask) => Promise<Answer>,
): Promise<Answer> {
  const options = {
    statementTimeoutMs: STATEMENT_TIMEOUT_MS,
    mode: "isolation level repeatable read read only",
    signal,
  } as const;
  return inTransaction(db.$client, options, async (ask) => {
    await ask("lock table only model_views in access share mode");
    await ask(`set local work_mem = '${WORK_MEMORY}'`);
    return work(ask);
  });
}

/**
 * Checks that a model exists. It uses a connection, so it comes before {@link InPeriod}, which uses another: a question has
 * one at a time.
 *
 * @throws {ProblemError} a `404` when there is no such model.
 */
export async function checkModel(db: Queryable, modelId: string): Promise<void> {
  if ((await getModel(db, modelId)) === undefined) throw unknownModel(modelId);
}
