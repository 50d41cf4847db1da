import { readdirSync } from "node:fs";
import { join } from "node:path";
import { openSpool, type Spool, SpoolInUseError } from "./spool.ts";

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
  }: { mine: ReadonlySet<string>; bytesMax: number; onBroken: (file: string, error: unknown) => void },
): Spool[] {
  const adopted: Spool[] = [];
  for (const name of readdirSync(folder).sort()) {
    const file = join(folder, name);
    if (!name.endsWith(SUFFIX) || mine.has(file)) continue;
    try {
      adopted.push(openSpool(file, { bytesMax }));
    } catch (error) {
      if (!(error instanceof SpoolInUseError)) onBroken(file, error);
    }
  }
  return adopted;
}
