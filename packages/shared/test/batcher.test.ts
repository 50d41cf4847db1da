import { BatcherFullError, createBatcher } from "@model-views/shared/runtime/batcher.ts";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";

/** A writer whose batches wait until the test settles them. */
function heldWriter() {
  const batches: { items: string[]; settle: PromiseWithResolvers<void> }[] = [];
  const write = (items: string[]) => {
    const settle = Promise.withResolvers<void>();
    batches.push({ items, settle });
    return settle.promise;
  };
  return { batches, write, finish: (index: number) => batches[index]?.settle.resolve() };
}

/** Lets everything that is due happen: `setImmediate` runs after all promises. */
const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

const limits = { weightMax: 3, inFlightMax: 1, weightWaitingMax: 100 };

test("tells how long the first of a batch has waited", async () => {
  vi.useFakeTimers();
  const waited: number[] = [];
  const held = Promise.withResolvers<void>();
  const batcher = createBatcher<string>({
    async write(_items, waitedMs) {
      waited.push(waitedMs);
      await held.promise;
    },
    weightMax: 10,
    inFlightMax: 1,
    weightWaitingMax: 100,
  });
  void batcher.add("a");
  await vi.advanceTimersByTimeAsync(100);
  void batcher.add("b");
  await vi.advanceTimersByTimeAsync(50);
  void batcher.add("c");
  await vi.advanceTimersByTimeAsync(150);
  held.resolve();
  await vi.advanceTimersByTimeAsync(0);
  vi.useRealTimers();
  expect(waited).toEqual([0, 200]);
});

describe("batcher", () => {
  test("a lone item leaves at once", async () => {
    const { batches, write } = heldWriter();
    void createBatcher({ write, ...limits }).add("a");
    await nextTurn();
    expect(batches.map(({ items }) => items)).toEqual([["a"]]);
  });

  test("what arrives in one turn travels together, up to a full batch", async () => {
    const { batches, write } = heldWriter();
    const batcher = createBatcher({ write, ...limits, inFlightMax: 2 });
    for (const item of ["a", "b", "c", "d"]) void batcher.add(item);
    await nextTurn();
    expect(batches.map(({ items }) => items)).toEqual([["a", "b", "c"], ["d"]]);
  });

  test("while all writers are busy the next batch gathers", async () => {
    const { batches, write, finish } = heldWriter();
    const batcher = createBatcher({ write, ...limits });
    void batcher.add("a");
    await nextTurn();
    void batcher.add("b");
    await nextTurn();
    void batcher.add("c");
    expect(batcher.state()).toEqual({ weightWaiting: 2, inFlight: 1 });
    finish(0);
    await nextTurn();
    await nextTurn();
    expect(batches.map(({ items }) => items)).toEqual([["a"], ["b", "c"]]);
  });

  test("an item is not acknowledged before its batch is written", async () => {
    const { write, finish } = heldWriter();
    let acknowledged = false;
    void createBatcher({ write, ...limits })
      .add("a")
      .then(() => (acknowledged = true));
    await nextTurn();
    expect(acknowledged).toBe(false);
    finish(0);
    await nextTurn();
    expect(acknowledged).toBe(true);
  });

  test("a batch that fails fails each of its items with the reason, and none of the next", async () => {
    let fail = true;
    const batcher = createBatcher<string>({
      write: async () => {
        if (fail) throw new Error("no room");
      },
      ...limits,
    });
    const first = Promise.allSettled([batcher.add("a"), batcher.add("b")]);
    for (const result of await first)
      expect(result).toMatchObject({ status: "rejected", reason: { message: "no room" } });
    fail = false;
    await expect(batcher.add("c")).resolves.toBeUndefined();
  });

  test("a writer that throws instead of rejecting is the same", async () => {
    const batcher = createBatcher<string>({
      write: () => {
        throw new Error("at once");
      },
      ...limits,
    });
    await expect(batcher.add("a")).rejects.toThrow("at once");
  });

  test("an item heavier than a batch travels by itself", async () => {
    const { batches, write } = heldWriter();
    const batcher = createBatcher<string>({ write, ...limits, inFlightMax: 9, weigh: (item) => item.length });
    for (const item of ["aa", "bbbbb", "c"]) void batcher.add(item);
    await nextTurn();
    expect(batches.map(({ items }) => items)).toEqual([["aa"], ["bbbbb"], ["c"]]);
  });

  test("it refuses what would make too much wait, and takes again when there is room", async () => {
    const { write, finish } = heldWriter();
    const batcher = createBatcher({ write, ...limits, weightWaitingMax: 2 });
    void batcher.add("a");
    await nextTurn();
    void batcher.add("b");
    void batcher.add("c");
    await expect(batcher.add("d")).rejects.toThrow(BatcherFullError);
    finish(0);
    await nextTurn();
    await nextTurn();
    void batcher.add("d");
    expect(batcher.state()).toEqual({ weightWaiting: 1, inFlight: 1 });
  });

  test("drain waits for what waits and what is being written, and not when there is nothing", async () => {
    const { batches, write, finish } = heldWriter();
    const batcher = createBatcher({ write, ...limits });
    await batcher.drain();
    void batcher.add("a");
    await nextTurn();
    void batcher.add("b");
    let drained = false;
    const drain = batcher.drain().then(() => (drained = true));
    finish(0);
    await nextTurn();
    await nextTurn();
    expect(batches).toHaveLength(2);
    expect(drained).toBe(false);
    finish(1);
    await drain;
  });

  test("drain does not fail when a batch does", async () => {
    const batcher = createBatcher<string>({ write: () => Promise.reject(new Error("no room")), ...limits });
    const added = expect(batcher.add("a")).rejects.toThrow("no room");
    await expect(batcher.drain()).resolves.toBeUndefined();
    await added;
  });

  test("whatever comes when: each item is written once, in order, within the limits, and settles as its batch does", async () => {
    const step = fc.oneof(
      fc.record({ add: fc.integer({ min: 1, max: 4 }) }),
      fc.record({ finish: fc.nat(), ok: fc.boolean() }),
      fc.constant({ turn: true } as const),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 60 }),
        fc.integer({ min: 1, max: 3 }),
        async (steps, inFlightMax) => {
          type Item = { name: number; weight: number };
          const open: { items: Item[]; settle: PromiseWithResolvers<void> }[] = [];
          const written: number[] = [];
          const failed = new Set<number>();
          const outcomes: Promise<{ name: number; ok: boolean }>[] = [];
          const batcher = createBatcher<Item>({
            write(items) {
              expect(open.length).toBeLessThan(inFlightMax);
              const weight = items.reduce((sum, item) => sum + item.weight, 0);
              expect(items.length === 1 || weight <= 3).toBe(true);
              const settle = Promise.withResolvers<void>();
              open.push({ items, settle });
              written.push(...items.map(({ name }) => name));
              return settle.promise;
            },
            weigh: ({ weight }) => weight,
            weightMax: 3,
            inFlightMax,
            weightWaitingMax: Number.POSITIVE_INFINITY,
          });
          const finish = (index: number, ok: boolean) => {
            const [batch] = open.splice(index % Math.max(open.length, 1), 1);
            if (batch === undefined) return;
            if (ok) return batch.settle.resolve();
            for (const { name } of batch.items) failed.add(name);
            batch.settle.reject(new Error("no room"));
          };
          let names = 0;
          for (const what of steps) {
            if ("add" in what) {
              const name = names++;
              const settled = batcher.add({ name, weight: what.add });
              outcomes.push(
                settled.then(
                  () => ({ name, ok: true }),
                  () => ({ name, ok: false }),
                ),
              );
            } else if ("finish" in what) finish(what.finish, what.ok);
            else await nextTurn();
          }
          const drained = batcher.drain();
          while (batcher.state().inFlight + batcher.state().weightWaiting > 0) {
            await nextTurn();
            while (open.length > 0) finish(0, true);
          }
          await drained;
          expect(written).toEqual(Array.from({ length: names }, (_, name) => name));
          for (const { name, ok } of await Promise.all(outcomes)) expect(ok).toBe(!failed.has(name));
        },
      ),
    );
  });
});
