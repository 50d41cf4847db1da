import { setTimeout as pause } from "node:timers/promises";
import { allAlone } from "../lab/alone.ts";
import type { Disk } from "../lab/disks.ts";
import type { Lab } from "../lab/lab.ts";
import { isDrained, spoolState } from "../lab/probes.ts";
import type { DiskName } from "../plan/faults.ts";
import { type RunFault, untilDone } from "./kit.ts";
import { count, isAlone } from "./totals.ts";

/** Milliseconds to wait until Redis has noticed that it cannot write: under load that is at once. */
const NOTICED_MS_MAX = 3_000;
const LOOK_EVERY_MS = 25;
/** Milliseconds in which every ingest has received that error. */
const SPOOLED_MS = 500;
/** Bytes that the spools may still take: less than a second's views. */
const SPOOL_BYTES_LEFT = 48 * 1_024;
/** The part of the fault in which Redis is stopped. */
const SPOOLING_SHARE = 0.6;
/** Milliseconds in which an ingest notices that Redis is back, and drains all that fits on that disk. */
const DRAINED_MS = 3_000;
/** Files of the write-ahead log that PostgreSQL has in reserve, at most. */
const WAL_FILES_MAX = 32;

export const redisDiskFull: RunFault = (kit, { target, durationMs }) => {
  const { lab, totals, pauseQueue, aloneOnQueue } = kit;
  const isKilled = target === "killed";
  const disk = diskOf(lab, "redis");
  return aloneOnQueue(async () => {
    try {
      // An ingest that is killed at this moment cannot queue again what Redis is about to lose. That would be a power cut of
      // both, for which docs/durability.md promises less.
      await allAlone(lab.ingests, async () => {
        // Otherwise most writes that fail would be a worker's, and those are repeated anyway.
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
      } else await untilQueuing(lab);
    }
  });
};

async function untilAofFails({ observer }: Lab): Promise<void> {
  const deadline = performance.now() + NOTICED_MS_MAX;
  while (performance.now() < deadline) {
    const info = await observer.info("persistence").catch(() => "");
    if (/^aof_last_write_status:err/m.test(info)) return;
    await pause(LOOK_EVERY_MS);
  }
}

/** The append-only file may have a gap, so ingest has Redis rewrite it before it queues views there again. */
async function untilQueuing({ ingests }: Lab): Promise<void> {
  await untilDone(async () => {
    const states = await Promise.all(ingests.map((ingest) => spoolState(ingest.adminPort())));
    const spooling = states.find((each) => each.startsWith("spooling"));
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
      // Room that was too small for a batch would be enough for a removal.
      await disk.fill(0);
      await pause((durationMs * SPOOLING_SHARE) / 2);
    } finally {
      await lab.redis.thaw();
    }
    // The spools must be drained while their disk is full.
    const drainingMs = durationMs * (1 - SPOOLING_SHARE);
    const undrained = await notDrained(lab, drainingMs);
    if (drainingMs >= DRAINED_MS && wasAlone && isAlone(totals, planned))
      totals.notDrained.push(...undrained.map((state) => `at ${atMs} ms: ${state}`));
  } finally {
    await disk.free();
  }
};

/** Waits until the time is over, and returns the states of spools that are not drained then. */
async function notDrained({ ingests }: Lab, ms: number): Promise<string[]> {
  const deadline = performance.now() + ms;
  for (;;) {
    const states = await Promise.all(ingests.map((ingest) => spoolState(ingest.adminPort())));
    if (performance.now() > deadline) return states.filter((each) => !isDrained(each));
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
    // It may be just about to end, because it could not recover while the disk was full.
    await untilDone(async () => {
      await lab.postgres.start();
      await lab.db.$client.query("select 1");
    });
  }
};

/** Makes PostgreSQL begin another file of its write-ahead log, until there is no room for one. */
async function useUpWal({ db }: Lab, endAtMs: number): Promise<void> {
  for (let files = 0; files < WAL_FILES_MAX && performance.now() < endAtMs; files += 1) {
    try {
      // PostgreSQL does not switch from an empty file.
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
