import { randomUUID } from "node:crypto";
import { ensureMonthPartitions } from "@model-views/db/migrate/partitions.ts";
import { ensureStatsRole } from "@model-views/db/migrate/stats-role.ts";
import { connect, type Db } from "@model-views/db/postgres/connect.ts";
import { recordViews } from "@model-views/db/recording/record-views.ts";
import { test as base } from "@model-views/testing/fixtures.ts";
import { aModel, aView } from "@model-views/testing/views.ts";
import { describe, expect } from "vitest";
import { withApi } from "./api.ts";

/** The database with the role that may only read, on read-only connections, as in the service. */
const test = base.extend<{ questions: Db }>({
  questions: async ({ db, databaseUrl }, use) => {
    const name = `stats_${randomUUID().replaceAll("-", "")}`;
    await ensureStatsRole(db.$client, { name, password: "of the stats role" });
    const url = new URL(databaseUrl);
    url.username = name;
    url.password = "of the stats role";
    const questions = connect({
      databaseUrl: url.href,
      applicationName: "model-views test",
      connectionsMax: 8,
      statementTimeoutMs: 20_000,
      readOnly: true,
      onError: () => {},
    });
    await use(questions);
    await questions.$client.end();
    await db.$client.query(`drop owned by ${name} cascade; drop role ${name}`);
  },
});

describe("with a role that may only read", () => {
  test("every question is answered, also about a month with a later partition, and admins can make changes", async ({
    db,
    questions,
  }) => {
    const modelId = await aModel(db);
    await ensureMonthPartitions(db.$client, { now: new Date("2031-05-15T00:00:00Z") });
    await recordViews(db.$client, [
      aView({ modelId, viewerIdentifier: "a viewer", viewedAt: "2031-05-15T00:00:00.000Z" }),
      aView({ modelId, viewedAt: "2031-05-16T00:00:00.000Z", isBot: true }),
    ]);
    await db.$client.query("insert into retired_months values ('2031-04-01')");
    const now = () => new Date("2031-05-20T00:00:00Z");
    await withApi({ db: questions, adminDb: db, now }, async ({ ask, json }) => {
      const bots = ["", "&bots=include", "&bots=only"];
      const periods = ["", "&from=2031-05-01", "&from=2031-04-15"];
      const paths = [
        "/readyz",
        "/v1/models",
        "/v1/models?format=csv",
        "/v1/models?q=a",
        "/v1/session",
        "/v1/pipeline",
        "/v1/settings",
        "/v1/stats?compare=days",
        "/v1/models/table?from=2031-05-01&compare=days&series=day",
        "/v1/hours-of-week?from=2031-05-01",
        "/v1/front-page?sort=rising",
        `/v1/models/${modelId}`,
        ...["os", "referrer", "utm_source"].map((by) => `/v1/breakdown?by=${by}`),
        ...bots.flatMap((some) =>
          periods.flatMap((period) => [
            `/v1/models/${modelId}/stats?${(some + period).slice(1)}`,
            `/v1/models/stats?ids=${modelId}${some}${period}`,
            ...["total", "unique", "trending"].map((sort) => `/v1/models/top?sort=${sort}${some}${period}`),
            `/v1/breakdown?by=os&modelId=${modelId}${some}${period}`,
            `/v1/models/${modelId}/viewers?interval=hour${some}${period}`,
            `/v1/timeseries?compare=previous${some}${period}`,
            `/v1/models/${modelId}/timeseries?interval=hour${some}${period}`,
          ]),
        ),
      ];
      for (const path of paths) {
        const response = await ask(path);
        expect([response.status, await response.text()], path).toEqual([200, expect.any(String)]);
      }
      expect(await json(`/v1/models/${modelId}/stats?from=2031-05-01`)).toMatchObject({ totalViews: 1 });
      const live = await ask("/v1/live?details=true");
      const reader = live.body?.getReader();
      let heard = "";
      while (!["event: figures", "event: details"].every((event) => heard.includes(event)))
        heard += Buffer.from((await reader?.read())?.value ?? "").toString();
      expect(heard).toContain("event: figures");
      await reader?.cancel();

      expect(await json("/v1/viewers/a%20viewer")).toMatchObject({ views: [{ modelId }] });
      expect((await ask("/v1/viewers/a%20viewer", { method: "DELETE" })).status).toBe(200);
      const put = { method: "PUT", body: '{"name":"Anna"}', headers: { "content-type": "application/json" } };
      expect((await ask(`/v1/models/${modelId}`, put)).status).toBe(200);
      expect((await ask(`/v1/models/${modelId}`, { method: "DELETE" })).status).toBe(204);
    });
  });
});
