import type { Enqueue } from "@model-views/shared/queue/enqueue.ts";
import { type RedisWatch, watchRedis } from "@model-views/shared/queue/redis-info.ts";
import { mayWork, RightsMissingError } from "@model-views/shared/queue/redis-rights.ts";
import type { Logger } from "@model-views/shared/runtime/logger.ts";
import { throttlePerKey } from "@model-views/shared/runtime/throttle.ts";
import type { Redis } from "ioredis";
import { type AcceptBatches, acceptBatches } from "./accept-batches.ts";
import { type AdoptedSpools, createAdoptedSpools } from "./adopted-spools.ts";
import { type OwnSpool, openOwnSpool } from "./own-spool.ts";
import { createRecentlyQueued } from "./recently-queued.ts";
import { pressure, wrongPolicy } from "./redis-health.ts";
import { type AofRepair, createAofRepair } from "./repair-aof.ts";
import type { Spool } from "./spool.ts";
import { diskBytesFree, type SpoolSpace, watchSpoolSpace } from "./spool-space.ts";

export type DurableQueueOptions = {
  enqueue: Enqueue;
  redis: Redis;
  /** Folder of the spools. */
  folder: string;
  /** Bytes of all spools in the folder. */
  bytesMax: number;
  logger: Logger;
  /** Called with the number of batches that were queued again because Redis may have lost them. */
  onDoubted: (batches: number) => void;
};

export type DurableQueue = AcceptBatches & {
  /** Resolves with a short status; rejects with the reason when views should go to another ingest. */
  readiness(): Promise<string>;
  /** What works, but needs the owner's attention. */
  warnings(): string[];
  /** Bytes that can still be spooled. */
  spoolBytesLeft(): number;
};

/** At most one log line in this time for each kind of recurring problem. */
const LOG_MS = 60_000;

/**
 * Milliseconds after which Redis' writes are on its disk: it syncs once a second, and a second later if the disk is slow
 * (`appendfsync everysec`).
 */
const SYNCED_MS = 3_000;

/** The queue, with a spool behind it in this process's own file, if the disk allows one. */
export function openDurableQueue(options: DurableQueueOptions): DurableQueue {
  const { enqueue, redis, folder, bytesMax, logger, onDoubted } = options;
  const recent = createRecentlyQueued({ now: () => performance.now() });
  const logProblem = throttlePerKey(LOG_MS, (message: string, error: unknown) =>
    logger.error({ err: error }, message),
  );
  const watch = watchRedis(redis, (warning) => logger.warn(warning));
  const aof = createAofRepair(redis, {
    onWarning: (warning) => logger.error(warning),
    now: () => performance.now(),
  });
  let isDoubted = false;
  let forbidden: RightsMissingError | undefined;
  const others = createAdoptedSpools({ folder, logger, onError: logProblem });
  const ownBytesMax = () => bytesMax - others.bytes();
  const spool = openOwnSpool({
    newFile: others.newFile,
    bytesMax: ownBytesMax,
    onUsable(reason) {
      if (reason === undefined) logger.info("views can be spooled again");
      else logger.error({ reason }, "views cannot be spooled: while Redis is away they are refused");
    },
  });
  const space = watchSpoolSpace({
    bytesMax,
    bytesLeft: () => ownBytesMax() - (spool.current()?.state().bytes ?? 0),
    diskBytesFree: () => diskBytesFree(folder),
    now: () => performance.now(),
    onLittle: (warning) => logger.warn(warning),
  });
  const durable = acceptBatches({
    async enqueue(batch, again) {
      const text = await enqueue(batch, again);
      recent.add({ jobId: batch.jobId, text }, batch.payload.views.length);
      return text;
    },
    probe,
    spool,
    adopt,
    onBreaker(reason) {
      if (reason === undefined) return logger.info("Redis takes views again, draining the spool");
      logger.error({ reason }, "Redis cannot take views, spooling them");
      aof.refused(reason);
      doubtRecent();
    },
    onError: (error) => logProblem("cannot drain the spool as it should be", error),
  });
  const parts: Parts = { durable, spool, others, space, watch, aof };
  // After a restart, Redis may have lost what it had not synced yet.
  redis.on("close", doubtRecent);

  /** Rejects unless Redis accepts writes, grants the rights that we need, and has memory left. */
  async function probe(): Promise<void> {
    await mayWork(redis, "ingest and worker").catch((error: unknown) => {
      forbidden = error instanceof RightsMissingError ? error : undefined;
      throw error;
    });
    forbidden = undefined;
    const info = await watch.look();
    const reason = pressure(info);
    // The repair must also see a file that cannot be written.
    await aof.look(info);
    if (reason !== undefined) throw new Error(reason);
    if (!isDoubted) recent.settled(SYNCED_MS);
  }

  function doubtRecent(): void {
    const taken = recent.takeAll();
    isDoubted = false;
    if (taken.length === 0) return;
    try {
      spool.putAll(taken.map(({ batch }) => batch));
      onDoubted(taken.length);
    } catch (error) {
      isDoubted = true;
      recent.giveBack(taken);
      logProblem("cannot spool what was queued last, and Redis may have lost: it is tried again", error);
    }
  }

  function adopt(): Spool[] {
    if (isDoubted) doubtRecent();
    const found = others.adopt(spool.takeFormer());
    space.look();
    return found;
  }

  return {
    ...durable,
    spoolBytesLeft: space.bytes,
    stop() {
      redis.off("close", doubtRecent);
      return durable.stop();
    },
    readiness: () => readinessOf(parts, forbidden),
    warnings: () => warningsOf(parts, { isDoubted }),
  };
}

type Parts = {
  durable: AcceptBatches;
  spool: OwnSpool;
  others: AdoptedSpools;
  space: SpoolSpace;
  watch: RedisWatch;
  aof: AofRepair;
};

async function readinessOf(
  { durable, spool, watch }: Parts,
  forbidden: RightsMissingError | undefined,
): Promise<string> {
  const because = durable.openBecause();
  const { batches, bytes } = durable.spooled();
  const unusable = spool.unusableBecause();
  const waiting = `${batches} batches, ${bytes} bytes on disk`;
  if (unusable !== undefined) {
    const queue = because === undefined ? "views are queued" : `nothing takes views, because ${because}`;
    throw new Error(`views cannot be spooled: ${unusable}; ${queue}; ${waiting}`);
  }
  // Only the owner can repair that, so no more views should come here.
  if (forbidden !== undefined) throw new Error(`${forbidden.message}; spooling; ${waiting}`);
  if (because !== undefined) return `spooling, because ${because}; ${waiting}`;
  const wrong = wrongPolicy(watch.latest() ?? (await watch.look()));
  if (wrong !== undefined) throw new Error(wrong);
  return batches === 0 ? "ok" : `draining the spool; ${waiting}`;
}

function warningsOf(
  { durable, spool, others, space, watch, aof }: Parts,
  { isDoubted }: { isDoubted: boolean },
): string[] {
  const unremoved = [...others.unremoved(), ...[spool.current()?.state().unremovedBecause ?? []].flat()];
  return [
    ...watch.warnings(),
    ...aof.warnings(),
    ...durable.unreadable().map((file) => `the spool ${file} cannot be read: what waits in it stays there`),
    ...(isDoubted ? ["what was queued last cannot be spooled, and Redis may have lost it"] : []),
    ...[space.warning() ?? []].flat(),
    ...others.warnings(),
    ...new Set(
      unremoved.map((reason) => `what the spool has drained cannot be removed from its file: ${reason}`),
    ),
  ];
}
