import { setTimeout as pause } from "node:timers/promises";
import { allAlone } from "../lab/alone.ts";
import type { Disk } from "../lab/disks.ts";
import type { Lab } from "../lab/lab.ts";
import { isDrained, spoolSays } from "../lab/spool-says.ts";
import type { DiskName } from "../plan/faults.ts";
import type { RunFault } from "./kit.ts";
import { count, isAlone } from "./totals.ts";
import { untilDone } from "./until-done.ts";

/** Milliseconds to wait until Redis has noticed that it cannot write: the load lets it do so at once. */
const NOTICED_MS_MAX = 3_000;
const LOOK_EVERY_MS = 25;
/** Milliseconds in which every ingest has met that refusal. */
const SPOOLED_MS = 500;
/** Bytes that the spools may still take: less than a second's views. */
const SPOOL_BYTES_LEFT = 48 * 1_024;
/** The part of the time in which Redis stands still. */
const SPOOLING_SHARE = 0.6;
/** Milliseconds in which an ingest has surely noticed that Redis is back, and drained what that disk holds. */
const DRAINED_MS = 3_000;
/** Files of the write-ahead log that PostgreSQL may have in store, at most. */
const WAL_FILES_MAX = 32;

export const redisDiskFull: RunFault = (kit, { target, durationMs }) => {
  const { lab, totals, pauseQueue, aloneOnQueue } = kit;
  const isKilled = target === "killed";
  const disk = diskOf(lab, "redis");
  return aloneOnQueue(async () => {
    try {
      // An ingest that is killed in that very moment cannot queue again what Redis is about to forget: that is the power cut of
      // both, in which docs/durability.md promises less.
      await allAlone(lab.ingests, async () => {
        // Otherwise it would mostly be what a worker does that cannot be written, which is done again anyway.
        if (isKilled) await pauseQueue(true).catch(() => {});
        await disk.fill(0);
        await untilAofFails(lab);
        await pause(SPOOLED_MS);
      });
      await pause(durationMs);
      if (isKilled) {
        await lab.redis.end("SIGKILL");
        count(totals.kills, "redis");
      }
    } finally {
      await disk.free();
      if (isKilled) {
        await untilDone(() => lab.redis.start());
        await untilDone(() => pauseQueue(false));
      } else await untilTaken(lab);
    }
  });
};

async function untilAofFails({ observer }: Lab): Promise<void> {
  const deadline = performance.now() + NOTICED_MS_MAX;
  while (performance.now() < deadline) {
    const facts = await observer.info("persistence").catch(() => "");
    if (/^aof_last_write_status:err/m.test(facts)) return;
    await pause(LOOK_EVERY_MS);
  }
}

/** Ingest has the file written anew before it takes views to that Redis again: it may have a gap. */
async function untilTaken({ ingests }: Lab): Promise<void> {
  await untilDone(async () => {
    const says = await Promise.all(ingests.map((ingest) => spoolSays(ingest.adminPort())));
    const spooling = says.find((each) => each.startsWith("spooling"));
    if (spooling !== undefined) throw new Error(`an ingest is ${spooling}`);
  });
}

export const spoolDiskFull: RunFault = async ({ lab, totals }, planned) => {
  const { atMs, durationMs } = planned;
  const disk = diskOf(lab, "ingest");
  const wasAlone = isAlone(totals, planned);
  try {
    await disk.fill(SPOOL_BYTES_LEFT);
    await lab.redis.freeze();
    try {
      await pause((durationMs * SPOOLING_SHARE) / 2);
      // What a batch had no room in would do for a spool without one.
      await disk.fill(0);
      await pause((durationMs * SPOOLING_SHARE) / 2);
    } finally {
      await lab.redis.thaw();
    }
    // What is spooled has to leave a disk on which there is no room.
    const drainingMs = durationMs * (1 - SPOOLING_SHARE);
    const undrained = await whatWaits(lab, drainingMs);
    if (drainingMs >= DRAINED_MS && wasAlone && isAlone(totals, planned))
      totals.notDrained.push(...undrained.map((says) => `at ${atMs} ms: ${says}`));
  } finally {
    await disk.free();
  }
};

/** Looks until the time is over, and tells what the ingests say then of spools in which something waits. */
async function whatWaits({ ingests }: Lab, ms: number): Promise<string[]> {
  const deadline = performance.now() + ms;
  for (;;) {
    const says = await Promise.all(ingests.map((ingest) => spoolSays(ingest.adminPort())));
    if (performance.now() > deadline) return says.filter((each) => !isDrained(each));
    await pause(LOOK_EVERY_MS);
  }
}

export const postgresDiskFull: RunFault = async ({ lab }, { durationMs }) => {
  const disk = diskOf(lab, "postgres");
  const endAtMs = performance.now() + durationMs;
  try {
    await disk.fill(0);
    await pause(durationMs / 2);
    await useUpWal(lab, endAtMs);
    await pause(Math.max(0, endAtMs - performance.now()));
  } finally {
    await disk.free();
    // It may be about to end just now, because it could not recover while there was no room.
    await untilDone(async () => {
      await lab.postgres.start();
      await lab.db.$client.query("select 1");
    });
  }
};

/** Has PostgreSQL take another file of its write-ahead log, until there is none. */
async function useUpWal({ db }: Lab, endAtMs: number): Promise<void> {
  for (let files = 0; files < WAL_FILES_MAX && performance.now() < endAtMs; files += 1) {
    try {
      // Without anything in it a file is not left.
      await db.$client.query("select pg_logical_emit_message(false, 'chaos', 'x'), pg_switch_wal()");
    } catch {
      return;
    }
  }
}

function diskOf({ disks }: Lab, name: DiskName): Disk {
  const disk = disks.get(name);
  if ("missingBecause" in disk) throw new Error(disk.missingBecause);
  return disk;
}
