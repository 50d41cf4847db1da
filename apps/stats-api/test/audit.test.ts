import { purgeAudit } from "@model-views/db/audit/audited.ts";
import { recordViews } from "@model-views/db/recording/record-views.ts";
import { hashedSubject } from "@model-views/db/viewers/viewer-hash.ts";
import { createActorName, createApiKeyCheck, namedKeys } from "@model-views/shared/http/api-keys.ts";
import { test as onServices } from "@model-views/testing/fixtures.ts";
import { aModel, aView } from "@model-views/testing/views.ts";
import { describe, expect } from "vitest";
import { test, withApi } from "./api.ts";

type Db = Parameters<typeof aModel>[0];

const ANNAS = "a-key-of-annas-alone";
const OTHER = "another-admins-own-key";
const admins = namedKeys([`anna=${ANNAS}`, OTHER]);
const adminKeys = {
  mayChange: createApiKeyCheck(
    admins.map(({ key }) => key),
    { isDevelopment: false },
  ),
  adminName: createActorName(admins),
};
const by = (key: string, method: string, body?: object): RequestInit => ({
  method,
  headers: { Authorization: `Bearer ${key}`, ...(body ? { "Content-Type": "application/json" } : {}) },
  ...(body ? { body: JSON.stringify(body) } : {}),
});
const noted = async (db: Db) =>
  (await db.$client.query("select actor, action, subject, outcome from audit_log order by id")).rows;
const modelId = "0190aaaa-0000-4000-8000-000000000001";

describe("audit_log", () => {
  test("has what admins did with models and viewers, by the name of their key, and names no viewer and no key", async ({
    db,
  }) => {
    await withApi({ db, ...adminKeys }, async ({ ask }) => {
      await ask(`/v1/models/${modelId.toUpperCase()}`, by(ANNAS, "PUT", { name: "Model" }));
      await ask(`/v1/models/${modelId}`, by(OTHER, "PUT", { name: "" }));
      await recordViews(db.$client, [aView({ modelId, viewerIdentifier: "member 7" })]);
      await (await ask("/v1/viewers/member%207", by(OTHER, "GET"))).text();
      await ask("/v1/viewers/member%207", by(ANNAS, "DELETE"));
      await ask(`/v1/models/${modelId}`, by(ANNAS, "DELETE"));
      await ask(`/v1/models/${modelId}/`, by(ANNAS, "DELETE"));
    });
    const viewer = hashedSubject("member 7");
    expect(await noted(db)).toEqual([
      { actor: "anna", action: "put-model", subject: modelId, outcome: "201" },
      { actor: "key 2", action: "put-model", subject: modelId, outcome: "422" },
      { actor: "key 2", action: "export-viewer", subject: viewer, outcome: "200" },
      { actor: "anna", action: "erase-viewer", subject: viewer, outcome: "200" },
      { actor: "anna", action: "delete-model", subject: modelId, outcome: "204" },
      { actor: "anna", action: "delete-model", subject: modelId, outcome: "404" },
    ]);
    const { rows } = await db.$client.query("select string_agg(audit_log::text, ' ') as all from audit_log");
    expect(rows[0].all).not.toMatch(/member|a-key-of|another-admins/);
    // The erased viewer is the same one there.
    const { rows: erased } = await db.$client.query(
      "select encode(viewer_hash, 'hex') as hash from erased_viewers",
    );
    expect(erased).toEqual([{ hash: viewer }]);
  });

  test("has no reading of statistics, and nothing of those without an admin key", async ({ db }) => {
    await aModel(db, { id: modelId });
    await withApi({ db, ...adminKeys }, async ({ ask }) => {
      await ask(`/v1/models/${modelId}`);
      await ask("/v1/models/top", by(ANNAS, "GET"));
      for (const path of [`/v1/models/${modelId}`, "/v1/viewers/x"]) {
        expect((await ask(path, by("no key of any admin", "DELETE"))).status).toBe(401);
      }
    });
    expect(await noted(db)).toEqual([]);
  });

  test("what cannot be noted is not done", async ({ db }) => {
    await aModel(db, { id: modelId });
    await db.$client.query("alter table audit_log rename to elsewhere");
    await withApi({ db, ...adminKeys }, async ({ ask }) => {
      expect((await ask(`/v1/models/${modelId}`, by(ANNAS, "DELETE"))).status).toBe(500);
      expect((await ask("/v1/viewers/x", by(ANNAS, "DELETE"))).status).toBe(500);
    });
    expect((await db.$client.query("select from models")).rowCount).toBe(1);
    expect((await db.$client.query("select from erased_viewers")).rowCount).toBe(0);
  });

  test("is kept for 400 days", async ({ db }) => {
    await db.$client.query(
      "insert into audit_log (actor, action, at) select 'anna', d::text, now() - make_interval(days => d) from unnest(array[1, 399, 401, 4000]) d",
    );
    expect(await purgeAudit(db.$client)).toEqual({ actions: 2 });
    expect((await noted(db)).map(({ action }) => action)).toEqual(["1", "399"]);
  });
});

describe("namedKeys", () => {
  test.for([
    ["anna=0123456789abcdef", { name: "anna", key: "0123456789abcdef" }],
    ["0123456789abcdef", { name: "key 1", key: "0123456789abcdef" }],
    // A key in base64 may end so, and a short key is none.
    ["c2l4dGVlbiBjaGFycw==", { name: "key 1", key: "c2l4dGVlbiBjaGFycw==" }],
    ["anna=tooshort0123", { name: "key 1", key: "anna=tooshort0123" }],
    ["=0123456789abcdef", { name: "key 1", key: "=0123456789abcdef" }],
  ] as const)("%s", ([entry, expected]) => {
    expect(namedKeys([entry])).toEqual([expected]);
  });
});

onServices("a service takes keys with names, and logs what admins do as well", async ({ db, start }) => {
  const api = await start("stats-api", {
    ADMIN_KEYS: `anna=${ANNAS}`,
    STATS_KEYS: "a-key-for-reading-alone",
  });
  const url = `${api.url}/v1/models/${modelId}`;
  expect((await fetch(url, by(ANNAS, "PUT", { name: "Model" }))).status).toBe(201);
  expect((await fetch(url, by(`anna=${ANNAS}`, "PUT", { name: "Model" }))).status).toBe(401);
  expect((await fetch(url, { headers: { Authorization: `Bearer ${ANNAS}` } })).status).toBe(200);
  expect(await noted(db)).toMatchObject([{ actor: "anna", outcome: "201" }]);
  const lines = api.logged.filter((line) => line.includes("an admin's action"));
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/"actor":"anna","action":"put-model"/);
  expect(api.logged.join()).not.toContain(ANNAS);
});
