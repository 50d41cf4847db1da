import { ensureMonthPartitions } from "@model-views/db/migrate/partitions.ts";
import { inTransaction } from "@model-views/db/postgres/transaction.ts";
import { recordViews } from "@model-views/db/recording/record-views.ts";
import { manyPeriodStats } from "@model-views/db/stats/period-stats.ts";
import { test } from "@model-views/testing/fixtures.ts";
import { aModel, aView } from "@model-views/testing/views.ts";
import { expect } from "vitest";
import { waitingForLocks } from "./months.ts";

test("views that wait in the default partition are not missed by who reads while they move", async ({
  db,
}) => {
  const modelId = await aModel(db);
  await recordViews(db.$client, [aView({ modelId, viewedAt: "2025-03-10T10:00:00Z" })]);
  const options = { statementTimeoutMs: 10_000, mode: "isolation level repeatable read read only" } as const;
  const period = {
    from: new Date("2025-03-01T12:00:00Z"),
    to: new Date("2025-04-01T00:00:00Z"),
    bots: "exclude",
  } as const;
  const [answer, moving] = await inTransaction(db.$client, options, async (ask) => {
    await ask("lock table only model_views in access share mode");
    await ask("select 1");
    const made = ensureMonthPartitions(db.$client, { now: new Date("2025-03-15T12:00:00Z") });
    await expect.poll(() => waitingForLocks(db)).toBe(1);
    return [await manyPeriodStats(ask, [modelId], period), made] as const;
  });
  expect(answer).toMatchObject([{ totalViews: 1, uniqueViews: 1 }]);
  await moving;
  const after = await inTransaction(db.$client, options, (ask) => manyPeriodStats(ask, [modelId], period));
  expect(after).toEqual(answer);
});
