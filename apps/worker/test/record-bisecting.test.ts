import type { AccountedJob } from "@model-views/db/recording/account-jobs.ts";
import type { RecordedViews } from "@model-views/db/recording/record-views.ts";
import type { ViewEvent } from "@model-views/shared/contracts/view-event.ts";
import { aView } from "@model-views/testing/views.ts";
import fc from "fast-check";
import { DatabaseError } from "pg";
import { describe, expect, test } from "vitest";
import { recordBisecting } from "../src/recording/record-bisecting.ts";

const jobs = [{ account: "a", views: 2 }];

/** PostgreSQL's error with this SQLSTATE. */
function refusal(code: string): DatabaseError {
  return Object.assign(new DatabaseError(`refused with ${code}`, 0, "error"), { code });
}

/** A table that takes every view once, except the bad ones, and notes what it was asked. */
function aTable(isBad: (view: ViewEvent) => boolean, code = "22021") {
  const stored = new Map<string, ViewEvent>();
  const rejected: { id: string; why: unknown }[] = [];
  const accounted: { account: string; by: "the statement" | RecordedViews }[] = [];
  let statements = 0;
  return {
    stored,
    rejected,
    accounted,
    statements: () => statements,
    deps: {
      async record(views: readonly ViewEvent[], jobs: readonly AccountedJob[] = []) {
        statements += 1;
        if (views.some(isBad)) throw refusal(code);
        accounted.push(...jobs.map(({ account }) => ({ account, by: "the statement" as const })));
        const fresh = views.filter(({ id }) => !stored.has(id));
        for (const view of fresh) stored.set(view.id, view);
        const duplicates = views.length - fresh.length;
        return { inserted: fresh.length, duplicates, rejected: 0, unkept: 0, erased: 0 };
      },
      async account(jobs: readonly AccountedJob[], recorded: RecordedViews) {
        accounted.push(...jobs.map(({ account }) => ({ account, by: recorded })));
      },
      async reject({ id }: ViewEvent, why: unknown) {
        rejected.push({ id, why });
        return 1;
      },
    },
  };
}

describe("recordBisecting", () => {
  test("stores every good view and rejects every bad one, whichever they are", () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { minLength: 1, maxLength: 60 }), async (areBad) => {
        const views = areBad.map(() => aView());
        const bad = new Set(views.filter((_, i) => areBad[i]).map(({ id }) => id));
        const { stored, rejected, deps } = aTable(({ id }) => bad.has(id));
        const recorded = await recordBisecting(views, [], deps);
        expect(new Set(rejected.map(({ id }) => id))).toEqual(bad);
        expect(rejected).toHaveLength(bad.size);
        expect([...stored.keys()]).toEqual(views.map(({ id }) => id).filter((id) => !bad.has(id)));
        expect(recorded).toEqual({
          inserted: views.length - bad.size,
          duplicates: 0,
          rejected: bad.size,
          unkept: 0,
          erased: 0,
        });
      }),
    ));

  test("takes a few statements for one bad view in a thousand, and records why it was refused", async () => {
    const views = Array.from({ length: 1_000 }, () => aView());
    const { rejected, statements, deps } = aTable((view) => view === views[617]);
    await recordBisecting(views, [], deps);
    expect(rejected).toEqual([
      { id: views[617]?.id, why: { sqlstate: "22021", message: "refused with 22021" } },
    ]);
    expect(statements()).toBeLessThanOrEqual(22);
  });

  test("tries a view that stands alone once more: it may have been on its way to a partition that was just made", async () => {
    const { stored, rejected, deps } = aTable(() => false);
    let tries = 0;
    const record = async (views: readonly ViewEvent[]) => {
      tries += 1;
      if (tries === 1) throw refusal("23514");
      return deps.record(views);
    };
    const view = aView();
    expect(await recordBisecting([view], [], { ...deps, record })).toMatchObject({
      inserted: 1,
      rejected: 0,
    });
    expect([[...stored.keys()], rejected]).toEqual([[view.id], []]);
  });

  test.for([
    ["a deadlock", refusal("40P01")],
    ["a missing table", refusal("42P01")],
    ["a lost connection", new Error("Connection terminated unexpectedly")],
    ["a mistake of ours", new TypeError("undefined is not a function")],
  ] as const)("rejects no view because of %s", async ([, error]) => {
    const { rejected, accounted, deps } = aTable(() => false);
    const record = async () => {
      throw error;
    };
    await expect(recordBisecting([aView(), aView()], jobs, { ...deps, record })).rejects.toBe(error);
    expect([rejected, accounted]).toEqual([[], []]);
  });

  test("counts jobs as recorded by the statement that stores them, or after the last of several", async () => {
    const [good, bad] = [aView(), aView()];
    const { accounted, deps } = aTable(({ id }) => id === bad.id);
    await recordBisecting([good], jobs, deps);
    await recordBisecting([good, bad], jobs, deps);
    const recorded = { inserted: 0, duplicates: 1, rejected: 1, unkept: 0, erased: 0 };
    expect(accounted).toEqual([
      { account: "a", by: "the statement" },
      { account: "a", by: recorded },
    ]);
  });
});
