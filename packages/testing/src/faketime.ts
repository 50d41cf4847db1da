import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { unpackPackages, WORKSPACE_CACHE } from "@model-views/local-services/debian-packages.ts";

/** The library that changes a process's clock (libfaketime), from Debian's packages; or the reason why it is not available. */
async function findFaketime(): Promise<{ library: string } | { refused: string }> {
  return unpackPackages<{ library: string }>(
    {
      name: "Faketime",
      packages: ["libfaketime"],
      libraries: [],
      async take(unpacked) {
        const entries = await readdir(unpacked, { recursive: true, withFileTypes: true }).catch(() => []);
        // Not the one for programs with threads alone, which is slower.
        const found = entries.find((entry) => entry.name === "libfaketimeMT.so.1");
        return found ? { library: join(found.parentPath, found.name) } : { refused: "it is not unpacked" };
      },
    },
    { cacheDirs: [WORKSPACE_CACHE], log: () => {}, env: process.env },
  );
}

/** The wrong clock of a process, which can be set while it runs. */
export type WrongClock = {
  /** Environment of the process. */
  env: Record<string, string>;
  /** Sets it: `+105d` ahead of the right time, `-3600` seconds behind it, `+0` right. */
  set: (offset: string) => Promise<void>;
};

/**
 * Makes a clock for a process that is started later. Its timers are not affected: only the time that it reads is wrong.
 *
 * @param skip skips the test, with the reason, where the library is not available.
 */
export async function wrongClock(
  { folder, offset }: { folder: string; offset: string },
  skip: (why: string) => never,
): Promise<WrongClock> {
  const found = await findFaketime();
  if ("refused" in found) return skip(`libfaketime is not available: ${found.refused}`);
  const file = join(folder, "clock");
  const set = (to: string) => writeFile(file, `${to}\n`);
  await set(offset);
  return {
    env: {
      LD_PRELOAD: found.library,
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: "1",
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
      DONT_FAKE_MONOTONIC: "1",
    },
    set,
  };
}
