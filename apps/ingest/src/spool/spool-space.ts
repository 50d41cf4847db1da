import { statfsSync } from "node:fs";

/** Part of the spools' limit below which the owner is warned, while there is still time. */
const FREE_SHARE_MIN = 0.1;
/** Milliseconds after which the warning is logged again. */
const WARN_AGAIN_MS = 3_600_000;
const MEGABYTE = 1_000_000;

export type SpoolSpaceOptions = {
  /** Limit for all spools of the folder, in bytes (`SPOOL_BYTES_MAX`). */
  bytesMax: number;
  /** Bytes that this limit leaves at the moment. */
  bytesLeft: () => number;
  /** Bytes that are free on their disk. Throws when that is unknown. */
  diskBytesFree: () => number;
  /** Milliseconds of a monotonic clock. */
  now: () => number;
  /** Called when little space is left, and once an hour while that lasts. */
  onLittle: (warning: string) => void;
};

export type SpoolSpace = {
  /** Checks the disk, and warns if necessary. */
  look(): void;
  /** Bytes that can still be spooled. If the disk's free space is unknown, what the setting leaves. */
  bytes(): number;
  /** A sentence when little space is left. */
  warning(): string | undefined;
};

/** Watches how much more can be spooled: the smaller one of the disk's free space and what the setting leaves. */
export function watchSpoolSpace(options: SpoolSpaceOptions): SpoolSpace {
  const { bytesMax, bytesLeft, diskBytesFree, now, onLittle } = options;
  let free = Number.POSITIVE_INFINITY;
  let warnedAt = Number.NEGATIVE_INFINITY;

  const bytes = () => Math.max(0, Math.min(free, bytesLeft()));

  function warning(): string | undefined {
    if (bytes() >= bytesMax * FREE_SHARE_MIN) return undefined;
    const because =
      free < bytesLeft()
        ? "its disk has no more free: make room there, or set SPOOL_BYTES_MAX to what it has"
        : "SPOOL_BYTES_MAX leaves no more";
    return `the spool takes ${inMegabytes(bytes())} more of ${inMegabytes(bytesMax)}, and then views are refused while Redis is away; ${because}`;
  }

  return {
    look() {
      try {
        free = diskBytesFree();
      } catch {
        // Others report a folder that is missing or unreadable.
        free = Number.POSITIVE_INFINITY;
      }
      const due = warning();
      if (due === undefined) warnedAt = Number.NEGATIVE_INFINITY;
      else if (now() - warnedAt >= WARN_AGAIN_MS) {
        warnedAt = now();
        onLittle(due);
      }
    },
    bytes,
    warning,
  };
}

/** Bytes that this user may still write to the disk of `folder`. Throws when that is unknown. */
export function diskBytesFree(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

function inMegabytes(bytes: number): string {
  return `${(bytes / MEGABYTE).toFixed(1)} MB`;
}
