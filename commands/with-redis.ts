import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { openLocalRedis } from "@model-views/local-services/redis.ts";
import { connectFailingFast, settled } from "@model-views/shared/queue/redis.ts";
import { createLogger } from "@model-views/shared/runtime/logger.ts";
import { UsageError } from "@model-views/shared/runtime/run-command.ts";

/**
 * Runs `work` with the Redis of `REDIS_URL`, else with the local one: joined when it is running, and started for as long
 * as `work` takes when it is not.
 *
 * @throws {UsageError} when there is none, or it does not answer.
 */
export async function withRedis<Result>(
  { REDIS_URL, DATA_DIR }: { REDIS_URL?: string | undefined; DATA_DIR: string },
  service: string,
  work: (redis: ReturnType<typeof connectFailingFast>) => Promise<Result>,
): Promise<Result> {
  // Not made here: an empty one would answer, and say nothing of the data that is meant.
  if (REDIS_URL === undefined && !existsSync(resolve(DATA_DIR, "redis.password"))) {
    throw new UsageError(`there is no local Redis in ${DATA_DIR} (npm start makes one); set REDIS_URL`);
  }
  const log = (line: string) => process.stderr.write(`${line}\n`);
  await using opened = new AsyncDisposableStack();
  const server = await openLocalRedis({ dataDir: resolve(DATA_DIR), log, redisUrl: REDIS_URL });
  opened.defer(() => server.stop());
  const redis = connectFailingFast(server.url, createLogger({ service, level: "silent" }));
  opened.defer(() => redis.disconnect());
  await settled(redis);
  await redis.ping().catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`Redis cannot be reached (REDIS_URL, where it is set): ${reason}`);
  });
  return await work(redis);
}
