import { connect } from "@model-views/db/postgres/connect.ts";
import { recordViews } from "@model-views/db/recording/record-views.ts";
import { overviewAnswerSchema } from "@model-views/shared/contracts/overview.ts";
import { aModel, aView } from "@model-views/testing/views.ts";
import { describe, expect } from "vitest";
import { now, test, withApi } from "./api.ts";
import { statementsOf } from "./counting.ts";
import { aStore } from "./store.ts";

describe("the overview", () => {
  test("has the problem of a part that fails, and the data of the others", async ({ db, api }) => {
    const modelId = await aModel(db);
    await recordViews(db.$client, [aView({ modelId, viewedAt: "2026-11-20T10:00:00.000Z" })]);
    const holder = await db.$client.connect();
    await holder.query("begin; lock table site_values in access exclusive mode");
    const asked = api.json("/v1/overview?from=2026-11-20&to=2026-11-23");
    // As when the statement has taken too long.
    await expect
      .poll(async () => {
        const { rowCount } = await db.$client.query(
          "select pg_cancel_backend(pid) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()",
        );
        return rowCount;
      })
      .toBe(1);
    const { breakdowns, ...others } = overviewAnswerSchema.parse(await asked);
    await holder.query("rollback");
    holder.release();
    expect(breakdowns).toMatchObject({ error: { status: 503 } });
    expect(others).toMatchObject({
      totals: { data: { totalViews: 1, uniqueViews: 1 } },
      timeseries: { data: { items: [{ views: 1 }, { views: 0 }, { views: 0 }] } },
      topByViews: { data: { items: [{ modelId }] } },
      topByViewers: { data: { items: [{ modelId }] } },
      trending: { data: { items: [{ modelId }] } },
      live: { data: { views: 0 } },
    });
  });

  test("asks the questions of its parts' routes, so that they share answers", async ({ db }) => {
    const cache = { store: aStore(), freshMs: 5_000 };
    await withApi({ db, cache, now: () => now }, async ({ json }) => {
      await json("/v1/overview?compare=previous&tz=Asia/Tokyo");
      await expect.poll(() => cache.store.entries.size).toBe(5);
      const statements = statementsOf(db);
      // 30 days before today, by the calendar of Tokyo.
      const period = "from=2026-10-23&tz=Asia/Tokyo";
      for (const path of [
        `/v1/timeseries?${period}&compare=previous`,
        `/v1/models/top?${period}`,
        `/v1/models/top?${period}&sort=unique`,
        `/v1/breakdowns?${period}&by=country,device,browser,referrer,utm_source`,
      ]) {
        expect(await json(path), path).toMatchObject({ asOf: now.toISOString(), items: expect.anything() });
      }
      expect(statements).toEqual([]);
    });
  });

  test("is a 503 when no part can be answered", async () => {
    const away = connect({
      databaseUrl: "postgres://reader@127.0.0.1:1/nothing",
      statementTimeoutMs: 1_000,
      applicationName: "test",
      connectionsMax: 2,
      onError: () => {},
    });
    await withApi({ db: away }, async ({ ask }) => {
      const response = await ask("/v1/overview");
      expect([response.status, response.headers.get("retry-after")]).toEqual([503, "5"]);
    });
    await away.$client.end();
  });
});
