import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { openSpool, type Spool, SpoolInUseError } from "./spool.ts";

/** Milliseconds for which a file counts as just created. */
const NEW_MS = 2_000;

const SUFFIX = ".spool.sqlite";

/** The file of a process's spool. */
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
 * Opens the spools in `folder` whose processes have ended. `onBroken` is called for each that cannot be read; its file
 * stays where it is.
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
      // The process that made it may not have locked it yet. A time in the future means that the clock was set back.
      if (Math.abs(now().getTime() - statSync(file).mtimeMs) < NEW_MS) continue;
      // Nothing is added to an adopted spool.
      adopted.push(openSpool(file, { bytesMax: () => 0 }));
    } catch (error) {
      if (!isGone(error) && !(error instanceof SpoolInUseError)) onBroken(file, error);
    }
  }
  return adopted;
}

/** Bytes on disk of the spools in `folder` that belong to other processes. Throws when the folder cannot be listed. */
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
