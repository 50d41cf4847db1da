import { describe, expect, test } from "vitest";
import { disksFor } from "../src/lab/disks.ts";
import { FAULT_NAMES, kindOf } from "../src/plan/faults.ts";
import { endOf, killsOf, type PlanOptions, planFaults } from "../src/plan/plan.ts";

const SHORT: PlanOptions = { seed: 1, mixedMs: 45_000, killsAlone: 2, kills: 15, only: undefined };

describe("the schedule", () => {
  test("is the same for the same seed, and differs for another", () => {
    expect(planFaults(SHORT)).toEqual(planFaults(SHORT));
    expect(planFaults({ ...SHORT, seed: 2 })).not.toEqual(planFaults(SHORT));
  });

  test.each([1, 2, 3, 4, 5])("has every kind of fault on every target (seed %i)", (seed) => {
    const planned = new Set(planFaults({ ...SHORT, seed }).map(({ fault, target }) => `${fault} ${target}`));
    const all = FAULT_NAMES.flatMap((fault) => kindOf(fault).targets.map((target) => `${fault} ${target}`));
    expect([...planned].sort()).toEqual(all.sort());
  });

  test.each([1, 2, 3, 4, 5])("never has Redis and PostgreSQL away at once (seed %i)", (seed) => {
    const stores = planFaults({ ...SHORT, seed }).filter(({ fault }) => kindOf(fault).track === "stores");
    for (const [index, { atMs, durationMs }] of stores.entries()) {
      expect(atMs + durationMs).toBeLessThan(stores[index + 1]?.atMs ?? Number.POSITIVE_INFINITY);
    }
  });

  test("kills as many processes as --kills", () => {
    expect(killsOf(planFaults({ ...SHORT, kills: 60 }))).toBeGreaterThanOrEqual(60);
    expect(killsOf(planFaults({ ...SHORT, mixedMs: 600_000, kills: 200 }))).toBeGreaterThanOrEqual(200);
  });

  test("ends in time", () => {
    expect(endOf(planFaults(SHORT))).toBeLessThan(1_500 + 2 * 8_000 + 45_000 + 7_500);
  });

  test("has only the faults of --only", () => {
    const plan = planFaults({ ...SHORT, only: ["kill-redis", "delete-model"] });
    expect(new Set(plan.map(({ fault }) => fault))).toEqual(new Set(["kill-redis", "delete-model"]));
  });

  test("has no other fault around a kill that is timed", () => {
    const plan = planFaults(SHORT);
    const alone = plan.filter(({ isAlone }) => isAlone);
    expect(alone).toHaveLength(2);
    for (const { atMs } of alone) {
      expect(plan.filter((other) => other.atMs > atMs && other.atMs < atMs + 8_000)).toEqual([]);
    }
  });
});

describe("the disks that faults fill up", () => {
  test("are those that the run's faults fill", () => {
    const [all, none] = [planFaults(SHORT), planFaults({ ...SHORT, only: ["kill-redis"] })];
    expect(disksFor({ plan: all, rate: 300 })).toEqual({
      redis: "wanted",
      postgres: "wanted",
      ingest: "wanted",
    });
    expect(disksFor({ plan: none, rate: 300 })).toEqual({});
  });

  test("are in memory, so that a run that lasts for hours has none for PostgreSQL", () => {
    const plan = planFaults({ ...SHORT, mixedMs: 4 * 3_600_000 });
    expect(disksFor({ plan, rate: 400 })).toMatchObject({
      redis: "wanted",
      postgres: { missingBecause: expect.stringContaining("have no room on a disk in memory") },
    });
  });
});
