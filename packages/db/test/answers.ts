import type { Db } from "@model-views/db/postgres/connect.ts";
import type { Ask } from "@model-views/db/postgres/sql.ts";
import { inTransaction } from "@model-views/db/postgres/transaction.ts";
import { breakdown } from "@model-views/db/stats/breakdown.ts";
import { manyPeriodStats, topInPeriod } from "@model-views/db/stats/period-stats.ts";
import { timeseries } from "@model-views/db/stats/timeseries.ts";

type Asked = { from: Date; to: Date; models: readonly string[] };

async function answersOf(ask: Ask, { from, to, models }: Asked) {
  const question = { from, to, bots: "exclude" } as const;
  const inUtc = { ...question, tz: "UTC" };
  const ofEach = [];
  for (const modelId of [undefined, ...models]) {
    ofEach.push({
      modelId,
      days: await timeseries(ask, { ...inUtc, modelId, interval: "day" }),
      months: await timeseries(ask, { ...inUtc, modelId, interval: "month" }),
      devices: await breakdown(ask, { ...question, modelId, by: "device", limit: 10 }),
    });
  }
  return {
    ofEach,
    models: await manyPeriodStats(ask, models, question),
    top: await topInPeriod(ask, { ...question, sort: "unique", limit: 10 }),
  };
}

/** What the questions about viewers of a period are answered with: of the site and of each of these models. */
export function answers(db: Db, asked: Asked) {
  const mode = "isolation level repeatable read read only" as const;
  return inTransaction(db.$client, { statementTimeoutMs: 20_000, mode }, (ask) => answersOf(ask, asked));
}

/** The same, of the views alone: nothing counts as finalized. */
export async function recount(db: Db, asked: Asked) {
  let counted: Awaited<ReturnType<typeof answersOf>> | undefined;
  const undone = new Error("undone");
  const counting = inTransaction(db.$client, { statementTimeoutMs: 20_000 }, async (ask) => {
    await ask("update model_days set viewers = null");
    counted = await answersOf(ask, asked);
    throw undone;
  });
  await counting.catch((error: unknown) => {
    if (error !== undone) throw error;
  });
  return counted;
}
