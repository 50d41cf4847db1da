import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { openLocalRedis } from "@model-views/local-services/redis.ts";
import { connectFailingFast, requireConnection, settled } from "@model-views/shared/queue/redis.ts";
import { createLogger } from "@model-views/shared/runtime/logger.ts";
import { UsageError } from "@model-views/shared/runtime/run-command.ts";

/**
 * Runs `work` with the Redis of `REDIS_URL`, else with the local one. A local server that is not running is started for as
 * long as `work` takes.
 *
 * @throws {UsageError} when there is none, or it does not answer.
 */
export async function withRedis<Result>(
  { REDIS_URL, DATA_DIR }: { REDIS_URL?: string | undefined; DATA_DIR: string },
  service: string,
  work: (redis: ReturnType<typeof connectFailingFast>) => Promise<Result>,
): Promise<Result> {
  // A new, empty one would hide that DATA_DIR is wrong.
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
  try {
    requireConnection(redis);
    await redis.ping();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`Redis cannot be used (REDIS_URL, where it is set): ${reason}`);
  }
  return await work(redis);
}
