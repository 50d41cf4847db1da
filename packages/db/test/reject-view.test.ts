import { rejectView } from "@model-views/db/rejected/reject-view.ts";
import { test } from "@model-views/testing/fixtures.ts";
import { aView } from "@model-views/testing/views.ts";
import { describe, expect } from "vitest";

const why = { sqlstate: "22021", message: "invalid byte sequence" };

describe("rejectView", () => {
  test("keeps a view with the reason and without its address, once", async ({ db }) => {
    const view = aView({ ipAddress: "192.0.2.1", userAgent: "NUL \0 and \ud800" });
    expect(await rejectView(db.$client, view, why)).toBe(1);
    expect(await rejectView(db.$client, view, why)).toBe(0);
    const { rows } = await db.$client.query("select *, payload::text as payload from rejected_views");
    expect(rows).toEqual([
      expect.objectContaining({
        id: view.id,
        model_id: view.modelId,
        viewed_at: new Date(view.viewedAt),
        viewer_identifier: view.viewerIdentifier,
        reason: "refused",
        ...why,
      }),
    ]);
    const { ipAddress: _, ...payload } = view;
    expect(JSON.parse(rows[0].payload)).toEqual(payload);
  });

  test.for([
    ["a viewer with a NUL", { viewerIdentifier: "a\0b" }],
    ["a time that PostgreSQL does not take", { viewedAt: "0000-01-01T00:00:00Z" }],
    ["a viewer of 255 letters outside the basic plane", { viewerIdentifier: "𝒜".repeat(127) }],
    ["NULs everywhere", { viewerIdentifier: "\0", userAgent: "\0", device: "\0", referrerHost: "\0" }],
  ] as const)("keeps %s as it was", async ([, given], { db }) => {
    const view = aView(given);
    expect(await rejectView(db.$client, view, { ...why, message: "a \0 in the words" })).toBe(1);
    const { rows } = await db.$client.query("select payload::text as payload from rejected_views");
    expect(JSON.parse(rows[0].payload)).toEqual(view);
  });

  test("keeps nothing of a viewer who was erased", async ({ db }) => {
    const view = aView();
    await db.$client.query(
      "insert into erased_viewers values (sha256(convert_to($1, 'UTF8')), now() + interval '5 minutes')",
      [view.viewerIdentifier],
    );
    expect(await rejectView(db.$client, view, why)).toBe(0);
    expect((await db.$client.query("select 1 from rejected_views")).rowCount).toBe(0);
  });
});
