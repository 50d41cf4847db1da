import type { Failure } from "@model-views/db/postgres/failure.ts";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createBreaker } from "../src/recording/circuit-breaker.ts";

const away: Failure = { kind: "world", message: "PostgreSQL is away" };
const noTable: Failure = { kind: "program", sqlstate: "42P01", message: "no such table" };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A breaker in front of a database that fails like that, or is well. */
function aBreaker() {
  const database: { fails: Failure | undefined } = { fails: undefined };
  const told: string[] = [];
  let probes = 0;
  const breaker = createBreaker({
    async probe() {
      probes += 1;
      if (database.fails) throw database.fails;
    },
    failureOf: (error) => error as Failure,
    onOpen: ({ message }) => told.push(message),
    onClose: () => told.push("closed"),
  });
  return { breaker, database, told, probes: () => probes };
}

describe("the breaker", () => {
  test("tells of an outage once, probes by itself, and closes within a second of its end", async () => {
    const { breaker, database, told, probes } = aBreaker();
    database.fails = away;
    breaker.open(away);
    breaker.open(away);
    expect(breaker.openBecause()).toBe(away);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(probes()).toBe(120);
    expect(told).toEqual(["PostgreSQL is away"]);
    database.fails = undefined;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(told).toEqual(["PostgreSQL is away", "closed"]);
    expect(breaker.openBecause()).toBeUndefined();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(probes()).toBe(121);
  });

  test("rests longer when somebody has to mend something, and says so when the reason changes", async () => {
    const { breaker, database, told, probes } = aBreaker();
    database.fails = noTable;
    breaker.open(away);
    await vi.advanceTimersByTimeAsync(500);
    expect(breaker.openBecause()).toEqual(noTable);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(probes()).toBe(3);
    expect(told).toEqual(["PostgreSQL is away", "no such table"]);
    database.fails = undefined;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(told.at(-1)).toBe("closed");
  });

  test("does not close after it was stopped", async () => {
    const { breaker, told } = aBreaker();
    breaker.open(away);
    breaker.stop();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(told).toEqual(["PostgreSQL is away"]);
  });
});
