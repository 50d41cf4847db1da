import { recordViews } from "@model-views/db/recording/record-views.ts";
import { aModel, aView } from "@model-views/testing/views.ts";
import { describe, expect, test as without } from "vitest";
import { answerTag } from "../src/http/etag.ts";
import { now, test, withApi } from "./api.ts";

describe("answerTag", () => {
  const tag = answerTag('{"views":1,"asOf":"2026-11-22T12:00:00.000Z"}');

  without.for([
    ["another time of asking", '{"views":1,"asOf":"2026-11-22T12:00:01.000Z"}', true],
    ["other stats", '{"views":2,"asOf":"2026-11-22T12:00:00.000Z"}', false],
    [
      "a text that contains a time",
      '{"views":1,"name":"\\"asOf\\":\\"x\\"","asOf":"2026-11-22T12:00:00.000Z"}',
      false,
    ],
  ] as const)("%s", ([, body, isSame]) => {
    expect(answerTag(body) === tag).toBe(isSame);
    expect(answerTag(Buffer.from(body))).toBe(answerTag(body));
  });

  without("differs for different texts that look like a time of asking", () => {
    const named = (name: string) => answerTag(JSON.stringify({ name, asOf: "2026-11-22T12:00:00.000Z" }));
    expect(named('"asOf":"a"')).not.toBe(named('"asOf":"b"'));
    expect(named("é")).not.toBe(named("è"));
  });
});

describe("every JSON answer", () => {
  test("is a 304 without a body while its stats are the same, and whole again when they have changed", async ({
    db,
  }) => {
    const modelId = await aModel(db, { name: "Anna" });
    const view = (ms: number) => aView({ modelId, viewedAt: new Date(now.getTime() - ms).toISOString() });
    await recordViews(db.$client, [view(60_000)]);
    // Not at the start of an hour: then there is one bucket less.
    const clock = { ms: 10_000 };
    await withApi({ db, now: () => new Date(now.getTime() + clock.ms) }, async ({ ask }) => {
      const paths = [
        `/v1/models/${modelId}/stats`,
        `/v1/models/${modelId}/stats?from=2026-11-01`,
        `/v1/models/stats?ids=${modelId}`,
        `/v1/models/stats?ids=${modelId}&from=2026-11-01`,
        "/v1/models/top",
        "/v1/models/top?from=2026-11-01",
        `/v1/models/${modelId}/timeseries?compare=previous`,
        `/v1/models/${modelId}/viewers`,
        "/v1/timeseries?interval=hour",
        "/v1/breakdown?by=os",
      ];
      const steady = ["/v1/models", `/v1/models/${modelId}`];
      const tags = new Map<string, string>();
      for (const path of [...paths, ...steady]) {
        const response = await ask(path);
        const tag = response.headers.get("etag") ?? "";
        expect(tag, path).toMatch(/^W\/"[\w-]{22}"$/);
        expect(response.headers.get("cache-control"), path).toBe("private, no-cache");
        expect(response.headers.get("vary"), path).toContain("Authorization");
        tags.set(path, tag);
      }
      clock.ms = 40_000;
      for (const [path, tag] of tags) {
        for (const method of ["GET", "HEAD"]) {
          const headers = { "if-none-match": `"another", ${tag}` };
          const response = await ask(path, { method, headers });
          const seen = [response.status, response.headers.get("etag"), await response.text()];
          expect(seen, path).toEqual([304, tag, ""]);
          expect(response.headers.get("cache-control"), path).toBe("private, no-cache");
        }
        expect((await ask(path, { headers: { "if-none-match": '"another"' } })).status, path).toBe(200);
      }
      await recordViews(db.$client, [view(0)]);
      for (const path of paths) {
        const response = await ask(path, { headers: { "if-none-match": tags.get(path) ?? "" } });
        expect([response.status, response.headers.get("etag") === tags.get(path)], path).toEqual([
          200,
          false,
        ]);
      }
    });
  });

  test("is not taken for the CSV of the same address", async ({ api }) => {
    const json = await api.ask("/v1/timeseries");
    const headers = { "if-none-match": json.headers.get("etag") ?? "", accept: "text/csv" };
    const csv = await api.ask("/v1/timeseries", { headers });
    expect([csv.status, csv.headers.get("vary"), csv.headers.get("cache-control")]).toEqual([
      200,
      "Authorization, Accept",
      "private, no-cache",
    ]);
  });

  test.for([
    ["a problem", "/v1/models/anna", "no-store"],
    ["a viewer's data", "/v1/viewers/anna", "no-store"],
  ] as const)("but %s is not cached", async ([, path, expected], { api }) => {
    const response = await api.ask(path);
    expect([response.headers.get("etag"), response.headers.get("cache-control")]).toEqual([null, expected]);
  });
});
