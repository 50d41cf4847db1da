import { randomUUID } from "node:crypto";
import type { Enqueue } from "@model-views/shared/queue/enqueue.ts";
import { watchRedis } from "@model-views/shared/queue/redis-info.ts";
import { mayWork, RightsMissingError } from "@model-views/shared/queue/redis-rights.ts";
import type { Logger } from "@model-views/shared/runtime/logger.ts";
import { throttlePerKey } from "@model-views/shared/runtime/throttle.ts";
import type { Redis } from "ioredis";
import { type AcceptBatches, acceptBatches } from "./accept-batches.ts";
import { adoptOrphans, bytesOfOthers, spoolFile } from "./orphans.ts";
import { openOwnSpool } from "./own-spool.ts";
import { createRecentlyQueued } from "./recently-queued.ts";
import { pressure, wrongPolicy } from "./redis-health.ts";
import { createRenewAof } from "./renew-aof.ts";
import type { Spool } from "./spool.ts";
import { diskBytesFree, watchSpoolRoom } from "./spool-room.ts";

export type OpenDurableOptions = {
  enqueue: Enqueue;
  redis: Redis;
  /** Folder of the spools. */
  folder: string;
  /** Bytes of all spools in the folder. */
  bytesMax: number;
  logger: Logger;
  /** Told of batches that were queued again, because Redis may have lost them. */
  onDoubted: (batches: number) => void;
};

export type Durable = AcceptBatches & {
  /** Resolves with what there is to say; rejects with the reason when views had better go elsewhere. */
  readiness(): Promise<string>;
  /** What works, but not as its owner will want it. */
  warnings(): string[];
  /** Bytes that can still be spooled. */
  spoolRoom(): number;
};

/** One line in this time for each kind of trouble that comes again at each look. */
const LOG_MS = 60_000;

/**
 * Milliseconds after which what Redis has written is on its disk: it syncs each second, and a second later when the disk is
 * slow (`appendfsync everysec`).
 */
const SYNCED_MS = 3_000;

/** The queue with a spool behind it, on a file of this process's own, where the disk lets it have one. */
export function openDurable(options: OpenDurableOptions): Durable {
  const { enqueue, redis, folder, bytesMax, logger, onDoubted } = options;
  const mine = new Set<string>();
  const adopted = new Set<Spool>();
  const broken = new Map<string, string>();
  const recent = createRecentlyQueued({ now: () => performance.now() });
  const logTrouble = throttlePerKey(LOG_MS, (message: string, error: unknown) =>
    logger.error({ err: error }, message),
  );
  const watch = watchRedis(redis, (warning) => logger.warn(warning));
  const aof = createRenewAof(redis, {
    onWarning: (warning) => logger.error(warning),
    now: () => performance.now(),
  });
  let isDoubted = false;
  let othersBytes = 0;
  let forbidden: RightsMissingError | undefined;
  let folderBecause: string | undefined;
  const ownBytesMax = () => bytesMax - othersBytes - sumOf([...adopted].map((each) => each.state().bytes));
  const spool = openOwnSpool({
    newFile() {
      const file = spoolFile(folder, randomUUID());
      mine.add(file);
      return file;
    },
    bytesMax: ownBytesMax,
    onUsable(reason) {
      if (reason === undefined) logger.info("views can be spooled again");
      else logger.error({ reason }, "views cannot be spooled: while Redis is away they are refused");
    },
  });
  const room = watchSpoolRoom({
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
    onError: (error) => logTrouble("cannot drain the spool as it should be", error),
  });
  // A Redis that was started again may have forgotten what it had not yet written.
  redis.on("close", doubtRecent);

  /** Rejects unless Redis takes writes, lets us do what we need, and has room. */
  async function probe(): Promise<void> {
    await mayWork(redis, "ingest and worker").catch((error: unknown) => {
      forbidden = error instanceof RightsMissingError ? error : undefined;
      throw error;
    });
    forbidden = undefined;
    const facts = await watch.look();
    const reason = pressure(facts);
    // It is to know of a file that cannot be written, too.
    await aof.look(facts);
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
      logTrouble("cannot spool what was queued last, and Redis may have lost: it is tried again", error);
    }
  }

  function adopt(): Spool[] {
    if (isDoubted) doubtRecent();
    const former = spool.takeFormer();
    const found = [...former, ...(inFolder(() => adoptOrphans(folder, { mine, onBroken })) ?? [])];
    for (const each of found) {
      mine.add(each.file);
      adopted.add(each);
      logger.info({ file: each.file, ...each.state() }, "adopted the spool of a process that is gone");
    }
    for (const each of adopted) if (each.state().batches === 0) adopted.delete(each);
    othersBytes = inFolder(() => bytesOfOthers(folder, mine)) ?? othersBytes;
    room.look();
    return found;
  }

  /** Undefined when the folder cannot be listed: what this process has open already is drained all the same. */
  function inFolder<Result>(list: () => Result): Result | undefined {
    try {
      const result = list();
      folderBecause = undefined;
      return result;
    } catch (error) {
      folderBecause = error instanceof Error ? error.message : String(error);
      logTrouble("the folder of the spools cannot be listed", error);
      return undefined;
    }
  }

  function onBroken(file: string, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    if (broken.get(file) !== reason) logger.error({ err: error, file }, "cannot read a spool");
    broken.set(file, reason);
  }

  return {
    ...durable,
    spoolRoom: room.bytes,
    stop() {
      redis.off("close", doubtRecent);
      return durable.stop();
    },
    async readiness() {
      const because = durable.openBecause();
      const { batches, bytes } = durable.spooled();
      const unusable = spool.unusableBecause();
      const waiting = `${batches} batches, ${bytes} bytes on disk`;
      if (unusable !== undefined) {
        const queue = because === undefined ? "views are queued" : `nothing takes views, because ${because}`;
        throw new Error(`views cannot be spooled: ${unusable}; ${queue}; ${waiting}`);
      }
      // Nobody but its owner can mend that: no more views should come here.
      if (forbidden !== undefined) throw new Error(`${forbidden.message}; spooling; ${waiting}`);
      if (because !== undefined) return `spooling, because ${because}; ${waiting}`;
      const wrong = wrongPolicy(watch.known() ?? (await watch.look()));
      if (wrong !== undefined) throw new Error(wrong);
      return batches === 0 ? "ok" : `draining the spool; ${waiting}`;
    },
    warnings() {
      const own = spool.current();
      const unremoved = [...adopted, ...(own === undefined ? [] : [own])].flatMap(
        (each) => each.state().unremovedBecause ?? [],
      );
      return [
        ...watch.warnings(),
        ...aof.warnings(),
        ...durable
          .unreadable()
          .map((file) => `the spool ${file} cannot be read: what waits in it stays there`),
        ...(isDoubted ? ["what was queued last cannot be spooled, and Redis may have lost it"] : []),
        ...[room.warning() ?? []].flat(),
        ...(folderBecause === undefined
          ? []
          : [`the folder of the spools cannot be listed: ${folderBecause}`]),
        ...[...broken].map(([file, reason]) => `the spool ${file} cannot be read: ${reason}`),
        ...new Set(
          unremoved.map((reason) => `the disk does not let go of what the spool has drained: ${reason}`),
        ),
      ];
    },
  };
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, each) => sum + each, 0);
}
