import { execFile } from "node:child_process";
import { mkdir, statfs } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { type DiskName, kindOf } from "../plan/faults.ts";
import { endOf, type PlannedFault } from "../plan/plan.ts";

const run = promisify(execFile);

/** A file system for one folder, in memory (tmpfs). It can be filled and freed again. */
export type Disk = {
  /**
   * Leaves room for so many more bytes, rounded up to blocks of 4 KB. The files on the disk stay as they are.
   *
   * @throws when the disk grows faster than that can be done.
   */
  fill(bytesLeft: number): Promise<void>;
  /** Restores its full size. May be called again. */
  free(): Promise<void>;
};

/** The disks that are mounted, and why the others are not. */
export type Disks = {
  get(name: DiskName): Disk | { missingBecause: string };
  /** Restores the full size of every disk. */
  free(): Promise<void>;
  /** Unmounts them; what was on them is gone. Only to be called when nothing uses them any more. */
  close(): Promise<void>;
};

/** Bytes of each disk. Unused bytes take no memory. */
export const DISK_BYTES: Record<DiskName, number> = {
  redis: 512 * 1_024 ** 2,
  postgres: 3 * 1_024 ** 3,
  ingest: 256 * 1_024 ** 2,
};

/** Other users may pass through PostgreSQL's folder: started by root, it runs as another user. */
const MODES: Record<DiskName, number> = { redis: 0o700, postgres: 0o711, ingest: 0o700 };

const FILL_TRIES_MAX = 20;
const FILL_AGAIN_MS = 5;

export type OpenDisksOptions = {
  /** The folder of each; it is made where a disk is mounted. */
  folders: Record<DiskName, string>;
  /** Which disks are wanted, or the reason why one is not. */
  wanted: Partial<Record<DiskName, "wanted" | { missingBecause: string }>>;
  /** Called with each folder that must be unmounted later. */
  onMount: (folder: string) => void;
};

/** Mounts the wanted disks. Where this machine does not allow it, the folders stay as they are. */
export async function openDisks({ folders, wanted, onMount }: OpenDisksOptions): Promise<Disks> {
  const disks = new Map<DiskName, Disk | { missingBecause: string }>();
  const mounted: string[] = [];
  for (const name of Object.keys(folders) as DiskName[]) {
    const folder = folders[name];
    const wish = wanted[name] ?? { missingBecause: "no fault of this run needs it" };
    if (wish !== "wanted") {
      disks.set(name, wish);
      continue;
    }
    try {
      await mkdir(folder, { recursive: true, mode: MODES[name] });
      onMount(folder);
      const options = `size=${DISK_BYTES[name]},mode=0${MODES[name].toString(8)}`;
      await run("mount", ["-t", "tmpfs", "-o", options, "tmpfs", folder]);
      mounted.push(folder);
      disks.set(name, diskOf(folder, DISK_BYTES[name]));
    } catch (error) {
      disks.set(name, { missingBecause: `no file system can be mounted here: ${firstLine(error)}` });
    }
  }
  return {
    get: (name) => disks.get(name) ?? { missingBecause: "there is no such disk" },
    async free() {
      for (const disk of disks.values()) if ("free" in disk) await disk.free();
    },
    async close() {
      for (const folder of mounted) await unmount(folder);
    },
  };
}

/** Unmounts the folder, if something is mounted there. */
export async function unmount(folder: string): Promise<void> {
  // Lazily: a process that has a file open keeps it until it ends.
  await run("umount", ["-l", folder]).catch(() => {});
}

function diskOf(folder: string, bytes: number): Disk {
  const resize = (size: number) => run("mount", ["-o", `remount,size=${size}`, folder]);
  return {
    async fill(bytesLeft) {
      for (let tries = 1; ; tries += 1) {
        const { blocks, bfree, bsize } = await statfs(folder);
        try {
          // A size of 0 would mean no limit.
          await resize(Math.max(1, blocks - bfree + Math.ceil(bytesLeft / bsize)) * bsize);
          return;
        } catch (error) {
          // It has grown in between, and a disk cannot be smaller than its content.
          if (tries === FILL_TRIES_MAX) throw error;
          await pause(FILL_AGAIN_MS);
        }
      }
    },
    free: async () => void (await resize(bytes)),
  };
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/^Command failed: .*\n/, "").split("\n")[0] ?? "";
}

/** Bytes of a view in PostgreSQL, with indexes and rollups: some 700, and what is not vacuumed yet. */
const VIEW_BYTES = 1_000;
/** Bytes that PostgreSQL needs without views: its catalogs, and the write-ahead log. */
const OTHER_BYTES = 600 * 1_024 ** 2;

/**
 * The disks that the faults of a run fill up. They are in memory, so PostgreSQL has none where the run is too long for its views
 * to fit.
 */
export function disksFor({
  plan,
  rate,
}: {
  plan: readonly PlannedFault[];
  /** Views per second. */
  rate: number;
}): OpenDisksOptions["wanted"] {
  const views = (endOf(plan) / 1_000) * rate;
  const isTooLong = views * VIEW_BYTES + OTHER_BYTES > DISK_BYTES.postgres;
  const missingBecause = `${Math.round(views).toLocaleString("en")} views have no room on a disk in memory`;
  const wanted: OpenDisksOptions["wanted"] = {};
  for (const { fault } of plan) {
    const { disk } = kindOf(fault);
    if (disk === undefined) continue;
    wanted[disk] = disk === "postgres" && isTooLong ? { missingBecause } : "wanted";
  }
  return wanted;
}
