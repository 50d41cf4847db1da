import { purgeRejected } from "@model-views/db/maintenance/purge-rejected.ts";
import { recordViews } from "@model-views/db/recording/record-views.ts";
import { redriveNewModels } from "@model-views/db/rejected/redrive-new-models.ts";
import { redriveToQueue } from "@model-views/db/rejected/redrive-to-queue.ts";
import { test } from "@model-views/testing/fixtures.ts";
import { aModel, aView } from "@model-views/testing/views.ts";
import { describe, expect } from "vitest";

type Db = Parameters<typeof aModel>[0];

/** Makes PostgreSQL believe that there is one rejected view, however many there are, and plan for that. */
async function believeInOneRow(db: Db): Promise<void> {
  await db.$client.query(
    `update pg_class set reltuples = 1, relpages = pg_relation_size(oid) / current_setting('block_size')::int
     where oid = 'rejected_views'::regclass`,
  );
}

describe("with a plan made for one row", () => {
  test("one view that is refused takes no other with it", async ({ db }) => {
    const { modelId } = aView();
    const views = Array.from({ length: 40 }, (_, index) =>
      aView({ modelId, country: index === 17 ? "ZZ" : "DE" }),
    );
    await recordViews(db.$client, views);
    await db.$client.query("alter table model_views add constraint no_zz check (country <> 'ZZ')");
    await aModel(db, { id: modelId });
    await believeInOneRow(db);
    expect(await redriveNewModels(db.$client)).toMatchObject({ taken: 39, inserted: 39 });
  });

  test("a redrive's batches fit into a job", async ({ db }) => {
    await recordViews(
      db.$client,
      Array.from({ length: 1_203 }, () => aView()),
    );
    await believeInOneRow(db);
    const sizes: number[] = [];
    for await (const batch of redriveToQueue(db.$client, { before: new Date("2999-01-01") }, async () => {}))
      sizes.push(batch.length);
    expect(sizes).toEqual([500, 500, 203]);
  });

  test("all that is too old is purged", async ({ db }) => {
    await recordViews(
      db.$client,
      Array.from({ length: 60 }, () => aView()),
    );
    await db.$client.query("update rejected_views set rejected_at = '2020-01-01'");
    await believeInOneRow(db);
    const retention = { now: new Date("2026-11-22T12:00:00Z"), retentionDays: 90 };
    expect(await purgeRejected(db.$client, retention)).toEqual({ rejectedViews: 60 });
  });
});
