import { recordViews } from "@model-views/db/recording/record-views.ts";
import { redriveToQueue } from "@model-views/db/rejected/redrive-to-queue.ts";
import { rejectView } from "@model-views/db/rejected/reject-view.ts";
import { test } from "@model-views/testing/fixtures.ts";
import { aView } from "@model-views/testing/views.ts";
import { describe, expect } from "vitest";
import { waitingForLocks } from "./months.ts";

type Db = Parameters<typeof waitingForLocks>[0];

async function rejectedIds(db: Db): Promise<string[]> {
  const { rows } = await db.$client.query<{ id: string }>("select id from rejected_views order by id");
  return rows.map(({ id }) => id);
}

const everything = { before: new Date("2999-01-01T00:00:00Z") };
const why = { sqlstate: "22021", message: "invalid byte sequence" };

describe("redriveToQueue", () => {
  test.for([
    ["of an unknown model", (db: Db, view: ReturnType<typeof aView>) => recordViews(db.$client, [view])],
    ["that is refused", (db: Db, view: ReturnType<typeof aView>) => rejectView(db.$client, view, why)],
  ] as const)(
    "keeps a view %s that a worker rejects again before the redrive ends",
    async ([, reject], { db }) => {
      const view = aView();
      await reject(db, view);
      const rejectedAgain: Promise<unknown>[] = [];
      for await (const batch of redriveToQueue(db.$client, everything, async (views) => {
        rejectedAgain.push(...views.map((each) => reject(db, each)));
        await expect.poll(() => waitingForLocks(db)).toBe(1);
      })) {
        expect(batch).toMatchObject([{ view }]);
      }
      await Promise.all(rejectedAgain);
      expect(await rejectedIds(db)).toEqual([view.id]);
    },
  );

  test("leaves the views where they were when the queue does not take them", async ({ db }) => {
    const view = aView();
    await recordViews(db.$client, [view]);
    const refuse = async () => {
      throw new Error("Redis is away");
    };
    await expect(redriveToQueue(db.$client, everything, refuse).next()).rejects.toThrow("Redis is away");
    expect(await rejectedIds(db)).toEqual([view.id]);
  });

  test("names a view that cannot be read, keeps it, and gives all the others, also behind a whole batch of such", async ({
    db,
  }) => {
    const unreadable = Array.from({ length: 501 }, (_, n) =>
      aView({ modelId: `00000000-0000-4000-8000-${String(n).padStart(12, "0")}` }),
    );
    const good = aView({ modelId: "ffffffff-0000-4000-8000-000000000000" });
    await recordViews(db.$client, [...unreadable, good]);
    await db.$client.query(
      "update rejected_views set payload = json_build_object('id', id) where model_id < 'ffffffff-0000-4000-8000-000000000000'",
    );
    const queued: string[] = [];
    const named: string[] = [];
    for await (const batch of redriveToQueue(db.$client, everything, async (views) => {
      queued.push(...views.map(({ id }) => id));
    })) {
      for (const each of batch) if ("unreadable" in each) named.push(`${each.id} ${each.unreadable}`);
    }
    expect(queued).toEqual([good.id]);
    expect(named).toHaveLength(501);
    expect(named[0]).toMatch(/^[\da-f-]{36} modelId .*, viewerIdentifier /);
    expect(await rejectedIds(db)).toEqual(unreadable.map(({ id }) => id).sort());
  });

  test("gives each view to one of two redrives at once, all of them, in batches that a job can hold", async ({
    db,
  }) => {
    const views = Array.from({ length: 1_203 }, () => aView());
    await recordViews(db.$client, views);
    const queued: string[] = [];
    const redrive = async () => {
      for await (const batch of redriveToQueue(db.$client, everything, async (taken) => {
        queued.push(...taken.map(({ id }) => id));
      })) {
        expect(batch.length).toBeLessThanOrEqual(500);
      }
    };
    await Promise.all([redrive(), redrive()]);
    await redrive();
    expect(queued.sort()).toEqual(views.map(({ id }) => id).sort());
    expect(await rejectedIds(db)).toEqual([]);
  });
});
