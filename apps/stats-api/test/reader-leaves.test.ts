import { setImmediate } from "node:timers/promises";
import type { Db } from "@model-views/db/postgres/connect.ts";
import { recordViews } from "@model-views/db/recording/record-views.ts";
import { aModel, aView } from "@model-views/testing/views.ts";
import { expect } from "vitest";
import { test } from "./api.ts";

const TIMES = 100;

test.for([
  ["an export", "/v1/viewers/busy"],
  ["a list of models as CSV", "/v1/models?format=csv"],
  ["a list of models", "/v1/models"],
  ["a breakdown", "/v1/breakdown?by=device"],
] as const)("a reader who leaves %s at any moment releases the connection", async ([, path], { db, api }) => {
  const modelId = await aModel(db);
  await recordViews(
    db.$client,
    Array.from({ length: 2_500 }, () => aView({ modelId, viewerIdentifier: "busy" })),
  );
  for (let moment = 0; moment < TIMES; moment += 1) {
    const leaving = new AbortController();
    const answered = api.ask(path, { signal: leaving.signal }).then(
      (response) => response.body,
      () => null,
    );
    for (let turn = 0; turn < moment * 2; turn += 1) await setImmediate();
    leaving.abort();
    await answered;
  }
  await expect.poll(() => inUse(db)).toBe(0);
  await expect.poll(() => openTransactions(db)).toBe(0);
});

function inUse({ $client: { totalCount, idleCount } }: Db): number {
  return totalCount - idleCount;
}

async function openTransactions(db: Db): Promise<number> {
  const { rows } = await db.$client.query<{ count: number }>(
    `select count(*)::int as count from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle'`,
  );
  return rows[0]?.count ?? 0;
}
