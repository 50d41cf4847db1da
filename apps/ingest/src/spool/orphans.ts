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

/**
 * Opens the spools in `folder` whose processes are gone. One that cannot be read is told to `onBroken` and left
 * where it is.
 *
 * @param mine files that this process has open already.
 */
export function adoptOrphans(
  folder: string,
  {
    mine,
    bytesMax,
    onBroken,
    now = () => new Date(),
  }: {
    mine: ReadonlySet<string>;
    bytesMax: number;
    onBroken: (file: string, error: unknown) => void;
    now?: () => Date;
  },
): Spool[] {
  const adopted: Spool[] = [];
  for (const name of readdirSync(folder).sort()) {
    const file = join(folder, name);
    if (!name.endsWith(SUFFIX) || mine.has(file)) continue;
    try {
      // Its maker may not have locked it yet.
      if (now().getTime() - statSync(file).mtimeMs < NEW_MS) continue;
      adopted.push(openSpool(file, { bytesMax }));
    } catch (error) {
      const isGone = error instanceof Error && "code" in error && error.code === "ENOENT";
      if (!isGone && !(error instanceof SpoolInUseError)) onBroken(file, error);
    }
  }
  return adopted;
}
