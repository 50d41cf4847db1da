import { statfsSync } from "node:fs";

/** Part of what the spools may hold that must be left, so that their owner hears of it while there is time. */
const ROOM_SHARE_MIN = 0.1;
/** Milliseconds after which it is logged again, if nothing was done. */
const TELL_AGAIN_MS = 3_600_000;
const MEGABYTE = 1_000_000;

export type SpoolRoomOptions = {
  /** Bytes that all spools of the folder may hold (`SPOOL_BYTES_MAX`). */
  bytesMax: number;
  /** Bytes that they may still take by that, at the moment. */
  bytesLeft: () => number;
  /** Bytes that are free on their disk; throws when it cannot be asked. */
  diskBytesFree: () => number;
  /** Milliseconds of a clock that only goes forward. */
  now: () => number;
  /** Told when there is little room, and each hour for as long as there is. */
  onLittle: (warning: string) => void;
};

export type SpoolRoom = {
  /** Looks at the disk, and tells where it has to. */
  look(): void;
  /** Bytes that can still be spooled, as far as is known: of a disk that cannot be asked, what the setting leaves. */
  bytes(): number;
  /** A sentence when that is little. */
  warning(): string | undefined;
};

/** Watches how much more can be spooled: what the disk has free, and what the setting leaves, whichever is less. */
export function watchSpoolRoom(options: SpoolRoomOptions): SpoolRoom {
  const { bytesMax, bytesLeft, diskBytesFree, now, onLittle } = options;
  let free = Number.POSITIVE_INFINITY;
  let toldAt = Number.NEGATIVE_INFINITY;

  const bytes = () => Math.max(0, Math.min(free, bytesLeft()));

  function warning(): string | undefined {
    if (bytes() >= bytesMax * ROOM_SHARE_MIN) return undefined;
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
        // A folder that is not there or cannot be read is told by those who need it.
        free = Number.POSITIVE_INFINITY;
      }
      const told = warning();
      if (told === undefined) toldAt = Number.NEGATIVE_INFINITY;
      else if (now() - toldAt >= TELL_AGAIN_MS) {
        toldAt = now();
        onLittle(told);
      }
    },
    bytes,
    warning,
  };
}

/** Bytes that this user may still write to the disk of `folder`; throws when it cannot be asked. */
export function diskBytesFree(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

function inMegabytes(bytes: number): string {
  return `${(bytes / MEGABYTE).toFixed(1)} MB`;
}
