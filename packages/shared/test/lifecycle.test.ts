import { EventEmitter } from "node:events";
import { watchLifecycle } from "@model-views/shared/runtime/lifecycle.ts";
import { createLogger } from "@model-views/shared/runtime/logger.ts";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

/** A process that only notes how it would have ended. */
function fakeProcess() {
  const ended = Promise.withResolvers<number>();
  const exit = vi.fn((code: number) => ended.resolve(code));
  const host = Object.assign(new EventEmitter(), { exit });
  return {
    host,
    exit,
    ended: ended.promise,
    fails: () => host.emit("uncaughtException", new Error("a bug")),
  };
}

const logger = createLogger({ service: "test", level: "silent" });

describe("a process that is to end", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test.for(["SIGTERM", "SIGINT", "disconnect"])(
    "closes in order on %s, once, and ends with 0",
    async (event) => {
      const { host, ended } = fakeProcess();
      const closed: string[] = [];
      const steps = ["http", "queue", "postgres"].map(
        (name) => [name, async () => closed.push(name)] as const,
      );
      watchLifecycle(logger, host).closeWith(steps);
      host.emit(event);
      host.emit(event);
      expect(await ended).toBe(0);
      expect(closed).toEqual(["http", "queue", "postgres"]);
    },
  );

  test("goes on after a step that fails, and ends with 1", async () => {
    const { host, ended } = fakeProcess();
    const last = vi.fn();
    const fails = () => Promise.reject(new Error("still in use"));
    watchLifecycle(logger, host).closeWith([
      ["first", fails],
      ["last", last],
    ]);
    host.emit("SIGTERM");
    expect(await ended).toBe(1);
    expect(last).toHaveBeenCalledOnce();
  });

  test("gives up at the deadline when a step never ends", async () => {
    const { host, ended } = fakeProcess();
    const stuck = () => new Promise(() => {});
    watchLifecycle(logger, host).closeWith([["stuck", stuck]], { deadlineMs: 1_000 });
    host.emit("SIGTERM");
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await ended).toBe(1);
  });

  test("ends with the given code for another reason", async () => {
    const { host, ended } = fakeProcess();
    watchLifecycle(logger, host).closeWith([])("no job was done for 60 s", { exitCode: 3 });
    expect(await ended).toBe(3);
  });
});

describe("an uncaught error", () => {
  test("ends a process that has nothing to close yet", () => {
    const { host, exit, fails } = fakeProcess();
    watchLifecycle(logger, host);
    fails();
    expect(exit).toHaveBeenCalledExactlyOnceWith(1);
  });

  test("closes in order, and ends with 1", async () => {
    const { host, ended, fails } = fakeProcess();
    const closed: string[] = [];
    watchLifecycle(logger, host).closeWith([
      ["batcher", async () => closed.push("batcher")],
      ["spool", async () => closed.push("spool")],
    ]);
    fails();
    expect(await ended).toBe(1);
    expect(closed).toEqual(["batcher", "spool"]);
  });

  test("of a step of the closing does not keep the next from running, and ends with 1", async () => {
    const { host, exit, ended, fails } = fakeProcess();
    const last = vi.fn();
    watchLifecycle(logger, host).closeWith([
      ["first", fails],
      ["last", last],
    ]);
    host.emit("SIGTERM");
    expect(await ended).toBe(1);
    expect(last).toHaveBeenCalledOnce();
    expect(exit).toHaveBeenCalledOnce();
  });

  test("that is followed by another ends the process at once", () => {
    const { host, exit, fails } = fakeProcess();
    watchLifecycle(logger, host).closeWith([["stuck", () => new Promise(() => {})]]);
    fails();
    expect(exit).not.toHaveBeenCalled();
    fails();
    expect(exit).toHaveBeenCalledExactlyOnceWith(1);
  });

  test("ends the process also when it cannot be logged", () => {
    const { host, exit, fails } = fakeProcess();
    const fatal = () => {
      throw new Error("no log");
    };
    watchLifecycle({ ...logger, fatal }, host);
    expect(fails).toThrow("no log");
    expect(exit).toHaveBeenCalledExactlyOnceWith(1);
  });
});
