import { setTimeout as pause } from "node:timers/promises";
import type { Db } from "@model-views/db/postgres/connect.ts";

/** Milliseconds that the worker has to take up rejected views whose model is there again. */
const REPLAYED_MS_MAX = 15_000;
const LOOK_EVERY_MS = 250;

/** Waits until no view is rejected for want of a model that exists; not for ever, and what is left is judged. */
export async function untilReplayed(db: Db, say: (line: string) => void): Promise<void> {
  const deadline = performance.now() + REPLAYED_MS_MAX;
  for (let isFirst = true; ; isFirst = false) {
    const { rows } = await db.$client.query<{ count: number }>(
      `select count(*)::int as count from rejected_views r join models on models.id = r.model_id
       where reason = 'unknown_model'`,
    );
    const left = rows[0]?.count ?? 0;
    if (left === 0 || performance.now() > deadline) return;
    if (isFirst) say(`waiting for ${left} rejected views to be taken up again`);
    await pause(LOOK_EVERY_MS);
  }
}
