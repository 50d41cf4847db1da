import { areViewsRemoved } from "@model-views/db/audiences/retired-months.ts";
import type { Queryable } from "@model-views/db/postgres/connect.ts";
import type { Bots } from "@model-views/shared/contracts/stats.ts";
import type { Reads } from "../cache/limits.ts";

/** The rollups answer a question about all time without bots. With bots it reads the views. */
export function readsOf(bots: Bots): Reads {
  return bots === "exclude" ? "rollups" : "views";
}

/**
 * Answers a question about all time. With bots the answer has `isIncomplete`, because retention may have removed views of
 * bots.
 */
export async function ofAllTime<Fields extends object>(
  { db, now }: { db: Queryable; now: () => Date },
  bots: Bots,
  ask: (now: Date) => Promise<Fields>,
): Promise<Fields & { isIncomplete?: boolean; asOf: string }> {
  const at = now();
  const asOf = at.toISOString();
  const fields = await ask(at);
  return bots === "exclude"
    ? { ...fields, asOf }
    : { ...fields, isIncomplete: await areViewsRemoved(db), asOf };
}
