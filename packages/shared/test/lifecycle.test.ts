import { EventEmitter } from "node:events";
import { closeOnSignal } from "@model-views/shared/runtime/lifecycle.ts";
import { createLogger } from "@model-views/shared/runtime/logger.ts";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

/** A process that only notes how it would have ended. */
function aProcess() {
  const ended = Promise.withResolvers<number>();
  const emitter = new EventEmitter();
  return {
    host: Object.assign(emitter, { exit: (code: number) => ended.resolve(code) }),
    ended: ended.promise,
  };
}

const logger = createLogger({ service: "test", level: "silent" });

describe("closeOnSignal", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test.for(["SIGTERM", "SIGINT", "disconnect"])(
    "closes in order on %s, once, and ends with 0",
    async (event) => {
      const { host, ended } = aProcess();
      const closed: string[] = [];
      const steps = ["http", "queue", "postgres"].map(
        (name) => [name, async () => closed.push(name)] as const,
      );
      closeOnSignal(steps, { logger, deadlineMs: 1_000, process: host });
      host.emit(event);
      host.emit(event);
      expect(await ended).toBe(0);
      expect(closed).toEqual(["http", "queue", "postgres"]);
    },
  );

  test("goes on after a step that fails, and ends with 1", async () => {
    const { host, ended } = aProcess();
    const last = vi.fn();
    const fails = () => Promise.reject(new Error("still in use"));
    closeOnSignal(
      [
        ["first", fails],
        ["last", last],
      ],
      { logger, deadlineMs: 1_000, process: host },
    );
    host.emit("SIGTERM");
    expect(await ended).toBe(1);
    expect(last).toHaveBeenCalledOnce();
  });

  test("gives up at the deadline when a step never ends", async () => {
    const { host, ended } = aProcess();
    closeOnSignal([["stuck", () => new Promise(() => {})]], { logger, deadlineMs: 1_000, process: host });
    host.emit("SIGTERM");
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await ended).toBe(1);
  });
});
