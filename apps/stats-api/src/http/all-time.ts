import type { Db } from "@model-views/db/postgres/connect.ts";
import { areViewsRemoved } from "@model-views/db/rollups/retired-months.ts";
import type { Bots } from "@model-views/shared/contracts/stats.ts";
import type { ConcurrencyLimit } from "../cache/concurrency-limit.ts";

/**
 * Answers a question about all time. The rollups answer it without bots. With bots it reads the views, so it counts towards
 * the limit of such questions, and the answer has `isIncomplete`, because retention may have removed views of bots.
 *
 * @throws {ProblemError} with bots, a `503` when too many questions are being answered.
 */
export async function ofAllTime<Fields extends object>(
  { db, limitConcurrency, now }: { db: Db; limitConcurrency: ConcurrencyLimit; now: () => Date },
  bots: Bots,
  ask: (now: Date) => Promise<Fields>,
): Promise<Fields & { isIncomplete?: boolean; asOf: string }> {
  const at = now();
  const asOf = at.toISOString();
  if (bots === "exclude") return { ...(await ask(at)), asOf };
  const fields = await limitConcurrency(() => ask(at));
  return { ...fields, isIncomplete: await areViewsRemoved(db), asOf };
}
