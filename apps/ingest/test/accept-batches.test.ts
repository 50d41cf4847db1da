import { randomUUID } from "node:crypto";
import type { ViewEvent } from "@model-views/shared/contracts/view-event.ts";
import type { Batch } from "@model-views/shared/queue/enqueue.ts";
import { test as base, describe, expect, vi } from "vitest";
import { type AcceptBatches, acceptBatches } from "../src/spool/accept-batches.ts";
import type { OwnSpool } from "../src/spool/own-spool.ts";
import { type Spool, type SpooledBatch, SpoolFullError } from "../src/spool/spool.ts";

/** A spool in memory, with the same promises. */
function aSpool(name: string, room = 100): Spool & OwnSpool & { batches: Batch[]; closed: boolean } {
  const batches: SpooledBatch[] = [];
  let seq = 0;
  return {
    file: name,
    batches,
    closed: false,
    put(batch) {
      if (batches.length >= room) throw new SpoolFullError("full");
      seq += 1;
      batches.push({ ...batch, firstSeq: seq, lastSeq: seq });
    },
    putAll(several) {
      for (const { jobId, text } of several) this.put({ jobId, payload: JSON.parse(text) });
    },
    oldest: () => batches[0],
    remove: ({ lastSeq }) =>
      void batches.splice(0, batches.findIndex((each) => each.lastSeq === lastSeq) + 1),
    tryDisk: () => {},
    mend: () => {},
    unusableBecause: () => undefined,
    takeFormer: () => [],
    current() {
      return this;
    },
    state: () => ({ batches: batches.length, bytes: batches.length * 10 }),
    close() {
      this.closed = true;
    },
  };
}

/** A queue that can be away. */
type World = {
  queue: Batch[];
  spool: ReturnType<typeof aSpool>;
  orphans: Spool[];
  adopt: () => Spool[];
  breaker: (string | undefined)[];
  away: string | undefined;
  /** Milliseconds until the queue has a batch. */
  slowMs: number;
  /** What went wrong while draining. */
  errors: unknown[];
  durable: AcceptBatches;
};

const test = base.extend<{ room: number; world: World }>({
  room: 100,
  world: async ({ room }, use) => {
    vi.useFakeTimers();
    const world: World = {
      queue: [],
      spool: aSpool("own", room),
      orphans: [],
      breaker: [],
      away: undefined,
      slowMs: 0,
      errors: [],
      adopt: () => world.orphans.splice(0),
      durable: undefined as unknown as AcceptBatches,
    };
    const unlessAway = async () => {
      if (world.away !== undefined) throw new Error(world.away);
    };
    world.durable = acceptBatches({
      async enqueue(batch) {
        await unlessAway();
        if (world.slowMs > 0) await new Promise((resolve) => setTimeout(resolve, world.slowMs));
        world.queue.push(batch);
        return JSON.stringify(batch.payload);
      },
      probe: unlessAway,
      spool: world.spool,
      adopt: () => world.adopt(),
      onBreaker: (reason) => world.breaker.push(reason),
      onError: (error) => world.errors.push(error),
    });
    await use(world);
    expect(world.errors).toEqual([]);
    world.slowMs = 0;
    await Promise.all([world.durable.stop(), vi.advanceTimersByTimeAsync(60_000)]);
    vi.useRealTimers();
  },
});

const views = (name: string): ViewEvent[] => [
  { id: randomUUID(), modelId: randomUUID(), viewerIdentifier: name, viewedAt: "2026-11-22T12:00:00.000Z" },
];
const names = (batches: Batch[]) => batches.map(({ payload }) => payload.views[0]?.viewerIdentifier);

describe("acceptBatches", () => {
  test("queues while the queue takes batches", async ({ world }) => {
    expect(await world.durable.accept(views("a"))).toBe("queued");
    expect(names(world.queue)).toEqual(["a"]);
    expect(world.spool.batches).toEqual([]);
  });

  test("spools the batch that the queue refused, and asks the queue no more for the next", async ({
    world,
  }) => {
    world.away = "Connection is closed";
    expect(await world.durable.accept(views("a"))).toBe("spooled");
    world.away = undefined;
    expect(await world.durable.accept(views("b"))).toBe("spooled");
    expect(names(world.spool.batches)).toEqual(["a", "b"]);
    expect(world.durable.openBecause()).toBe("Connection is closed");
  });

  test("spools from the start when the queue is not there at the start", async ({ world }) => {
    world.away = "connect ECONNREFUSED";
    await vi.advanceTimersByTimeAsync(1);
    expect(world.durable.openBecause()).toBe("connect ECONNREFUSED");
    expect(await world.durable.accept(views("a"))).toBe("spooled");
  });

  test("drains in order once the queue is back, and says so once", async ({ world }) => {
    world.away = "away";
    for (const name of ["a", "b", "c"]) await world.durable.accept(views(name));
    await vi.advanceTimersByTimeAsync(5_000);
    expect(world.queue).toEqual([]);
    world.away = undefined;
    await vi.advanceTimersByTimeAsync(2_000);
    expect(names(world.queue)).toEqual(["a", "b", "c"]);
    expect(world.durable.spooled()).toEqual({ batches: 0, bytes: 0 });
    expect(world.breaker).toEqual(["away", undefined]);
  });

  test.for([
    ["half a second for a batch that has just come", 0, 500],
    ["less for one that has waited already", 800, 200],
    ["not at all for one that has waited a second", 1_000, 0],
  ] as const)("waits for a slow queue %s, and spools it then", async ([, waitedMs, atMostMs], { world }) => {
    world.slowMs = 30_000;
    let accepted: string | undefined;
    void world.durable.accept(views("a"), waitedMs).then((to) => {
      accepted = to;
    });
    await vi.advanceTimersByTimeAsync(Math.max(0, atMostMs - 1));
    expect(accepted).toBe(atMostMs === 0 ? "spooled" : undefined);
    await vi.advanceTimersByTimeAsync(2);
    expect(accepted).toBe("spooled");
    expect(names(world.spool.batches)).toEqual(["a"]);
  });

  test("a queue that is only slower than views come is used on, and gets what was spooled", async ({
    world,
  }) => {
    world.slowMs = 400;
    expect(await world.durable.accept(views("waited"), 990)).toBe("spooled");
    expect(world.durable.openBecause()).toBeUndefined();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(names(world.queue)).toEqual(["waited"]);
  });

  test("keeps a batch's job id from the spool to the queue, so that one that is on both is one job", async ({
    world,
  }) => {
    world.away = "Command timed out";
    await world.durable.accept(views("a"));
    const [{ jobId } = { jobId: "" }] = world.spool.batches;
    world.away = undefined;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(world.queue.map((each) => each.jobId)).toEqual([jobId]);
  });

  test("live batches go to the queue while the spool is drained", async ({ world }) => {
    world.away = "away";
    for (let i = 0; i < 50; i += 1) await world.durable.accept(views(`old ${i}`));
    world.away = undefined;
    await vi.advanceTimersByTimeAsync(500);
    expect(await world.durable.accept(views("live"))).toBe("queued");
  });

  test("opens again when the queue fails while it is drained, and loses nothing", async ({ world }) => {
    world.away = "away";
    for (const name of ["a", "b"]) await world.durable.accept(views(name));
    world.away = undefined;
    await vi.advanceTimersByTimeAsync(500);
    world.away = "away again";
    await vi.advanceTimersByTimeAsync(3_000);
    world.away = undefined;
    await vi.advanceTimersByTimeAsync(3_000);
    expect(names(world.queue)).toEqual(["a", "b"]);
    expect(world.durable.spooled().batches).toBe(0);
  });

  test("opens before a batch is refused, when the probe says that Redis is full", async ({ world }) => {
    await vi.advanceTimersByTimeAsync(1);
    world.away = "Redis uses 61 % of its memory";
    await vi.advanceTimersByTimeAsync(2_500);
    expect(world.breaker).toEqual(["Redis uses 61 % of its memory"]);
  });

  test("drains the spools of processes that are gone, first, and closes them", async ({ world }) => {
    const orphan = aSpool("orphan");
    for (const name of ["lost 1", "lost 2"])
      orphan.put({ jobId: name, payload: { v: 1, views: views(name) } });
    world.orphans.push(orphan);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(names(world.queue)).toEqual(["lost 1", "lost 2"]);
    expect(orphan.closed).toBe(true);
  });

  test.for([
    ["the folder of the spools cannot be listed", (world: World) => vi.spyOn(world, "adopt")],
    ["the own spool cannot be mended", (world: World) => vi.spyOn(world.spool, "mend")],
  ] as const)("drains what it has although %s, and says so", async ([, spyOn], { world }) => {
    world.away = "away";
    for (const name of ["a", "b"]) await world.durable.accept(views(name));
    spyOn(world).mockImplementation(() => {
      throw new Error("EACCES");
    });
    world.away = undefined;
    await vi.advanceTimersByTimeAsync(2_000);
    expect(names(world.queue)).toEqual(["a", "b"]);
    expect(world.errors.splice(0)).toContainEqual(new Error("EACCES"));
  });

  test("goes on when the spool of a process that is gone cannot be closed", async ({ world }) => {
    const orphan = aSpool("orphan");
    orphan.put({ jobId: "1", payload: { v: 1, views: views("lost") } });
    orphan.close = () => {
      throw new Error("EROFS");
    };
    world.orphans.push(orphan);
    await vi.advanceTimersByTimeAsync(5_000);
    await world.durable.accept(views("a"));
    expect(names(world.queue)).toEqual(["lost", "a"]);
    expect(world.errors.splice(0)).toEqual([new Error("EROFS")]);
  });

  test("drains later what it could not read at once, and names it meanwhile", async ({ world }) => {
    const orphan = aSpool("orphan");
    orphan.put({ jobId: "1", payload: { v: 1, views: views("lost") } });
    const { oldest } = orphan;
    orphan.oldest = () => {
      throw new Error("EIO");
    };
    world.orphans.push(orphan);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(world.durable.unreadable()).toEqual(["orphan"]);
    expect(world.errors.splice(0)).toContainEqual(new Error("EIO"));
    orphan.oldest = oldest;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(names(world.queue)).toEqual(["lost"]);
    expect(world.durable.unreadable()).toEqual([]);
  });

  describe("with a spool that is full", () => {
    test.override({ room: 1 });
    test("rejects, so that the sender is told", async ({ world }) => {
      world.away = "away";
      await world.durable.accept(views("a"));
      await expect(world.durable.accept(views("b"))).rejects.toThrow(SpoolFullError);
      expect(names(world.spool.batches)).toEqual(["a"]);
    });
  });
});
