import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Cache } from "../src/debian-packages.ts";

/** Stands in for apt-get: notes what it was asked for, and "downloads" each package as an empty file. */
const APT_GET = `#!/bin/sh
for word; do case $word in update|download|--simulate) echo "$word" >> "$ASKED"; break;; esac; done
case " $* " in
  *" update "*) [ -z "$OFFLINE" ] || { echo "Could not resolve host" >&2; exit 100; } ;;
  *" --simulate "*) printf 'Inst liblzf1 (3.6)\\nInst libc6 [2.36] (2.37)\\nInst adduser (3)\\nInst redis-tools (7)\\n' ;;
  *" download "*) [ -z "$OFFLINE" ] || exit 100; while [ "$1" != download ]; do shift; done; shift; for name; do : > "$name.deb"; done ;;
esac
`;
/** Stands in for dpkg-deb: every package holds all that is ever looked for, and the list of what was unpacked. */
const DPKG_DEB = `#!/bin/sh
mkdir -p "$3/usr/bin" "$3/usr/lib"
basename "$2" >> "$3/unpacked"
: > "$3/usr/lib/liblzf.so.1"
printf '#!/bin/sh\\necho Redis server v=7.0.15\\n' > "$3/usr/bin/redis-server"
chmod +x "$3/usr/bin/redis-server"
`;

export async function fakePackages(
  folder: string,
  env: NodeJS.ProcessEnv = {},
): Promise<Cache & { cacheDir: string; asked: string }> {
  const bin = join(folder, "bin");
  await mkdir(bin, { recursive: true });
  for (const [name, script] of Object.entries({ "apt-get": APT_GET, "dpkg-deb": DPKG_DEB })) {
    await writeFile(join(bin, name), script);
    await chmod(join(bin, name), 0o755);
  }
  const asked = join(folder, "asked");
  const cacheDir = join(folder, "the cache");
  return {
    cacheDir,
    cacheDirs: [join(folder, "bin", "apt-get", "not a folder"), cacheDir],
    log: () => {},
    env: { PATH: `${bin}:/usr/bin:/bin`, ASKED: asked, ...env },
    asked,
  };
}
