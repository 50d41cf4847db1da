import { connectFailingFast, settled } from "@model-views/shared/queue/redis.ts";
import { redisTime } from "@model-views/shared/queue/redis-clock.ts";
import { createLogger } from "@model-views/shared/runtime/logger.ts";
import { test as base } from "@model-views/testing/fixtures.ts";
import { describe, expect } from "vitest";
import {
  type Maintenance,
  type MaintenanceTask,
  maintenanceKey,
  scheduleMaintenance,
} from "../src/maintenance/schedule.ts";

const logger = createLogger({ service: "test", level: "silent" });
const YEAR_MS = 365 * 86_400_000;

type Keeper = { did: string[]; errors: string[]; maintenance: Maintenance };
type Keep = (tasks: Record<string, MaintenanceTask>, mayRun?: () => boolean) => Promise<Keeper>;

const test = base.extend<{ keep: Keep }>({
  keep: async ({ redisUrl, redis: _ }, use) => {
    const closing: (() => Promise<unknown>)[] = [];
    await use(async (tasks, mayRun = () => true) => {
      const redis = connectFailingFast(redisUrl, logger);
      await settled(redis);
      const [did, errors]: [string[], string[]] = [[], []];
      const maintenance = scheduleMaintenance({
        redis,
        tasks,
        mayRun,
        onDone: (task, what) => did.push(`${task}: ${what}`),
        onFailed: (task, error) => errors.push(`${task}: ${error}`),
        onError: (error) => errors.push(String(error)),
      });
      closing.push(async () => {
        await maintenance.stop();
        redis.disconnect();
      });
      return { did, errors, maintenance };
    });
    await Promise.all(closing.map((close) => close()));
  },
});

const swept = (when: MaintenanceTask["when"]): MaintenanceTask => ({ when, run: async () => "swept" });

describe("scheduleMaintenance", () => {
  test("does a task once in each period, however many workers there are", async ({ redis, keep }) => {
    const periods: number[] = [];
    const sweep: MaintenanceTask = {
      when: { everyMs: 1_000, atFirst: true },
      async run() {
        periods.push(Math.floor((await redisTime(redis)).getTime() / 1_000));
        return "swept";
      },
    };
    await Promise.all([keep({ sweep }), keep({ sweep }), keep({ sweep })]);
    await expect.poll(() => periods.length).toBeGreaterThan(3);
    expect(new Set(periods).size).toBe(periods.length);
  });

  test("does not do again what another has done since it looked", async ({ keep }) => {
    const when = { everyMs: YEAR_MS, atFirst: true };
    const [begun, end] = [Promise.withResolvers<void>(), Promise.withResolvers<string>()];
    const run = () => {
      begun.resolve();
      return end.promise;
    };
    const { did } = await keep({ first: { when, run }, sweep: swept(when), last: swept(when) });
    await begun.promise;
    const other = await keep({ sweep: swept(when) });
    await expect.poll(() => other.did).toEqual(["sweep: swept"]);
    end.resolve("done");
    await expect.poll(() => did).toEqual(["first: done", "last: swept"]);
  });

  test("a task that has a time of its own is not done just because a worker starts", async ({
    redis,
    keep,
  }) => {
    const { did } = await keep({ yearly: swept({ everyMs: YEAR_MS }), soon: swept({ everyMs: 1_000 }) });
    await expect.poll(() => did).toContain("soon: swept");
    expect(did).not.toContain("yearly: swept");
    expect(Number(await redis.get(maintenanceKey("yearly")))).toBeGreaterThan(50);
  });

  test("what was missed is done when there is a worker again", async ({ redis, keep }) => {
    await redis.set(maintenanceKey("yearly"), "50");
    const { did } = await keep({ yearly: swept({ everyMs: YEAR_MS }) });
    await expect.poll(() => did).toEqual(["yearly: swept"]);
  });

  test("a period that a clock has invented is no reason to wait for it", async ({ redis, keep }) => {
    const inAnHour = Math.floor(((await redisTime(redis)).getTime() + 3_600_000) / 1_000);
    await redis.set(maintenanceKey("sweep"), inAnHour);
    const { did } = await keep({ sweep: swept({ everyMs: 1_000 }) });
    await expect.poll(() => did.length).toBeGreaterThan(1);
  });

  test("tells of a task that failed until it is done, and tries it again", async ({ keep }) => {
    let mended = false;
    const sweep: MaintenanceTask = {
      when: { everyMs: 1_000, atFirst: true },
      async run() {
        if (!mended) throw new Error("no broom");
        return "swept";
      },
    };
    const { did, errors, maintenance } = await keep({ sweep });
    await expect.poll(() => maintenance.failures()).toEqual(["sweep failed: no broom"]);
    expect(errors[0]).toBe("sweep: Error: no broom");
    mended = true;
    await expect.poll(() => did).toContain("sweep: swept");
    await expect.poll(() => maintenance.failures()).toEqual([]);
  });

  test("does nothing while it may not", async ({ redis, keep }) => {
    let mayRun = false;
    const { did } = await keep({ sweep: swept({ everyMs: YEAR_MS, atFirst: true }) }, () => mayRun);
    const other = await keep({ other: swept({ everyMs: 1_000 }) });
    await expect.poll(() => other.did.length).toBeGreaterThan(0);
    expect([did, await redis.get(maintenanceKey("sweep"))]).toEqual([[], null]);
    mayRun = true;
    await expect.poll(() => did).toEqual(["sweep: swept"]);
  });

  test("what is interrupted by the end of its worker is no failure, and another's at once", async ({
    redis,
    keep,
  }) => {
    const interrupted = Promise.withResolvers<string>();
    const begun = Promise.withResolvers<void>();
    const when = { everyMs: YEAR_MS, atFirst: true };
    const run = () => {
      begun.resolve();
      return interrupted.promise;
    };
    const first = await keep({ sweep: { when, run } });
    await begun.promise;
    const stopped = first.maintenance.stop();
    interrupted.reject(new Error("cancelled"));
    await stopped;
    expect(first.errors).toEqual([]);
    expect(await redis.exists(`${maintenanceKey("sweep")}:lock`)).toBe(0);
    const second = await keep({ sweep: swept(when) });
    await expect.poll(() => second.did).toEqual(["sweep: swept"]);
  });
});
