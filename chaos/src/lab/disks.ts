import { execFile } from "node:child_process";
import { mkdir, statfs } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import type { DiskName } from "../plan/faults.ts";

const run = promisify(execFile);

/** A file system of its own for one folder, in memory (tmpfs). It can be made full, and be given its room back. */
export type Disk = {
  /**
   * Leaves room for so many bytes more, rounded up to blocks of 4 KB. Nothing that is there is touched.
   *
   * @throws when the disk grows faster than that can be done.
   */
  fill(bytesLeft: number): Promise<void>;
  /** Gives it its room back. Does no harm a second time. */
  free(): Promise<void>;
};

/** The disks that there are, and why the others are not. */
export type Disks = {
  get(name: DiskName): Disk | { missingBecause: string };
  /** Gives every disk its room back. */
  free(): Promise<void>;
  /** When nothing uses them any more. What was on them is gone. */
  close(): Promise<void>;
};

/** Bytes of each disk: what is not used takes no memory. */
export const DISK_BYTES: Record<DiskName, number> = {
  redis: 512 * 1_024 ** 2,
  postgres: 3 * 1_024 ** 3,
  ingest: 256 * 1_024 ** 2,
};

/** Others may pass through PostgreSQL's: for root it runs as another user. */
const MODES: Record<DiskName, number> = { redis: 0o700, postgres: 0o711, ingest: 0o700 };

const FILL_TRIES_MAX = 20;
const FILL_AGAIN_MS = 5;

export type OpenDisksOptions = {
  /** The folder of each, made where one is mounted. */
  folders: Record<DiskName, string>;
  /** Which are wanted; or a reason why that one is not to be made. */
  wanted: Partial<Record<DiskName, "wanted" | { missingBecause: string }>>;
  /** Called with each folder that will have to be unmounted. */
  onMount: (folder: string) => void;
};

/** Mounts the disks that are wanted, as far as this machine lets us; elsewhere the folders stay as they are. */
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

/** Unmounts what is mounted there; nothing where nothing is. */
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
          // 0 would be no limit.
          await resize(Math.max(1, blocks - bfree + Math.ceil(bytesLeft / bsize)) * bsize);
          return;
        } catch (error) {
          // It has grown in between, and no disk can be smaller than what is on it.
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
