import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { openSpool, type Spool, SpoolInUseError } from "./spool.ts";

/** Milliseconds for which a file counts as one that is being made. */
const NEW_MS = 2_000;

const SUFFIX = ".spool.sqlite";

/** Where a process keeps its spool: one file each. */
export function spoolFile(folder: string, name: string): string {
  return join(folder, `${name}${SUFFIX}`);
}

export type AdoptOptions = {
  /** Files that this process has open already. */
  mine: ReadonlySet<string>;
  onBroken: (file: string, error: unknown) => void;
  now?: () => Date;
};

/**
 * Opens the spools in `folder` whose processes are gone. One that cannot be read is told to `onBroken` and left
 * where it is.
 *
 * @throws when the folder cannot be listed.
 */
export function adoptOrphans(
  folder: string,
  { mine, onBroken, now = () => new Date() }: AdoptOptions,
): Spool[] {
  const adopted: Spool[] = [];
  for (const name of readdirSync(folder).sort()) {
    const file = join(folder, name);
    if (!name.endsWith(SUFFIX) || mine.has(file)) continue;
    try {
      // Its maker may not have locked it yet. One of a time to come is not new: the clock was set back.
      if (Math.abs(now().getTime() - statSync(file).mtimeMs) < NEW_MS) continue;
      // Nothing is put there any more.
      adopted.push(openSpool(file, { bytesMax: () => 0 }));
    } catch (error) {
      if (!isGone(error) && !(error instanceof SpoolInUseError)) onBroken(file, error);
    }
  }
  return adopted;
}

/** Bytes on the disk of the spools in `folder` that are not this process's; throws when the folder cannot be listed. */
export function bytesOfOthers(folder: string, mine: ReadonlySet<string>): number {
  const ours = new Set([...mine].flatMap((file) => [file, `${file}-wal`, `${file}-shm`]));
  let bytes = 0;
  for (const name of readdirSync(folder)) {
    const file = join(folder, name);
    if (!name.includes(SUFFIX) || ours.has(file)) continue;
    try {
      bytes += statSync(file).size;
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }
  return bytes;
}

function isGone(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
