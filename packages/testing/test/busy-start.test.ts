import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { connectFailingFast, settled } from "@model-views/shared/queue/redis.ts";
import { createLogger } from "@model-views/shared/runtime/logger.ts";
import { test } from "@model-views/testing/fixtures.ts";
import { expect } from "vitest";

/** What Redis has for an answer: enough for the second attempt on any machine. */
const commandTimeoutMs = 2_000;
const BUSY_MS = 2_200;

/** Keeps the process from doing anything else, as a busy machine does. */
function beBusy(): void {
  const until = performance.now() + BUSY_MS;
  while (performance.now() < until);
}

function logging() {
  const lines: string[] = [];
  const logger = createLogger({ service: "test", level: "info" }, { write: (line) => lines.push(line) });
  return { lines, logger };
}

test("a process that is busy when Redis answers at its start does not take it for away", async ({
  redisUrl,
}) => {
  const { lines, logger } = logging();
  const redis = connectFailingFast(redisUrl, logger, { commandTimeoutMs });
  redis.once("connect", beBusy);
  await settled(redis);
  expect(redis.status).toBe("ready");
  expect(lines).toEqual([]);
  redis.disconnect();
});

test("a Redis that takes connections and does not answer is away at the second attempt", async () => {
  await using silent = new AsyncDisposableStack();
  const server = createServer().listen(0, "127.0.0.1");
  silent.defer(() => void server.close());
  await once(server, "listening");
  const { lines, logger } = logging();
  const redis = connectFailingFast(`redis://127.0.0.1:${(server.address() as AddressInfo).port}`, logger, {
    commandTimeoutMs: 50,
  });
  silent.defer(() => redis.disconnect());
  await settled(redis);
  expect(redis.status).not.toBe("ready");
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { msg: "Redis is away", err: { message: "Command timed out" } },
  ]);
});
