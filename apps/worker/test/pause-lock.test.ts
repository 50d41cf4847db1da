import { EventEmitter } from "node:events";
import type { Worker } from "bullmq";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createPauseLock } from "../src/recording/pause-lock.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** What of a worker is asked here: whether it takes jobs. */
function aWorker() {
  const worker = Object.assign(new EventEmitter(), {
    closing: undefined as Promise<void> | undefined,
    takesJobs: true,
    async pause() {
      worker.takesJobs = false;
    },
    async resume() {
      worker.takesJobs = true;
    },
  });
  const errors: string[] = [];
  const pauseLock = createPauseLock<"database" | "night">(worker as unknown as Worker, ({ message }) =>
    errors.push(message),
  );
  const refuse = () => worker.emit("error", Object.assign(new Error("NOREPLICAS"), { name: "ReplyError" }));
  return { worker, pauseLock, errors, refuse };
}

test("a worker that is held for two reasons takes jobs when both are gone", () => {
  const { worker, pauseLock } = aWorker();
  pauseLock.acquire("database");
  pauseLock.acquire("night");
  pauseLock.release("night");
  expect(worker.takesJobs).toBe(false);
  pauseLock.release("database");
  expect(worker.takesJobs).toBe(true);
});

test("a worker whose Redis refuses a command rests for a second, and not at all less because PostgreSQL is back", async () => {
  const { worker, pauseLock, errors, refuse } = aWorker();
  refuse();
  pauseLock.acquire("database");
  pauseLock.release("database");
  expect(worker.takesJobs).toBe(false);
  await vi.advanceTimersByTimeAsync(999);
  refuse();
  expect(worker.takesJobs).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(worker.takesJobs).toBe(true);
  expect(errors).toEqual(["NOREPLICAS", "NOREPLICAS"]);
});

test("a worker whose PostgreSQL is away does not take jobs because Redis accepts commands again", async () => {
  const { worker, pauseLock, refuse } = aWorker();
  pauseLock.acquire("database");
  refuse();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(worker.takesJobs).toBe(false);
});

test("lost connections are told by the connection itself", () => {
  const { worker, errors } = aWorker();
  for (const code of ["ECONNRESET", "EPIPE", "ETIMEDOUT"]) {
    worker.emit("error", Object.assign(new Error(code), { code }));
  }
  expect([worker.takesJobs, errors]).toEqual([true, []]);
});
