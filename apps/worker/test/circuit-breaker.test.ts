import type { Failure } from "@model-views/db/postgres/failure.ts";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createBreaker } from "../src/recording/circuit-breaker.ts";

const away: Failure = { kind: "world", message: "PostgreSQL is away" };
const noTable: Failure = { kind: "program", sqlstate: "42P01", message: "no such table" };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A breaker in front of a database that works or fails as the test decides. */
function startBreaker() {
  const database: { fails: Failure | undefined } = { fails: undefined };
  const reported: string[] = [];
  let probes = 0;
  const breaker = createBreaker({
    async probe() {
      probes += 1;
      if (database.fails) throw database.fails;
    },
    failureOf: (error) => error as Failure,
    onOpen: ({ message }) => reported.push(message),
    onClose: () => reported.push("closed"),
  });
  return { breaker, database, reported, probes: () => probes };
}

describe("the breaker", () => {
  test("reports an outage once, probes by itself, and closes within a second of its end", async () => {
    const { breaker, database, reported, probes } = startBreaker();
    database.fails = away;
    breaker.open(away);
    breaker.open(away);
    expect(breaker.openBecause()).toBe(away);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(probes()).toBe(120);
    expect(reported).toEqual(["PostgreSQL is away"]);
    database.fails = undefined;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(reported).toEqual(["PostgreSQL is away", "closed"]);
    expect(breaker.openBecause()).toBeUndefined();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(probes()).toBe(121);
  });

  test("rests longer when an operator has to repair something, and reports a change of the reason", async () => {
    const { breaker, database, reported, probes } = startBreaker();
    database.fails = noTable;
    breaker.open(away);
    await vi.advanceTimersByTimeAsync(500);
    expect(breaker.openBecause()).toEqual(noTable);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(probes()).toBe(3);
    expect(reported).toEqual(["PostgreSQL is away", "no such table"]);
    database.fails = undefined;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(reported.at(-1)).toBe("closed");
  });

  test("does not close after it was stopped", async () => {
    const { breaker, reported } = startBreaker();
    breaker.open(away);
    breaker.stop();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(reported).toEqual(["PostgreSQL is away"]);
  });
});
