import { type FSWatcher, readdirSync, watch } from "node:fs";
import { readFile, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

/** Milliseconds without a further change until a change is reported: a checkout changes many files at once. */
const QUIET_MS = 150;

/** The folders of a package with the files that it runs and reads. */
const FOLDERS = ["src", "assets"];

/** Leaves out the temporary files of editors. */
const SOURCE = /\.(ts|js|json|css|html|txt)$/;

const packageSchema = z.object({
  dependencies: z.record(z.string(), z.string()).default({}),
});

/** The source folders of a package and of the workspace packages that it depends on, directly or not. */
export async function sourceFolders(packageFolder: string): Promise<string[]> {
  const packages = new Set<string>();
  async function visit(folder: string): Promise<void> {
    if (packages.has(folder)) return;
    packages.add(folder);
    const { dependencies } = packageSchema.parse(
      JSON.parse(await readFile(join(folder, "package.json"), "utf8")),
    );
    for (const [name, version] of Object.entries(dependencies)) {
      if (version.startsWith("workspace:")) await visit(await realpath(join(folder, "node_modules", name)));
    }
  }
  await visit(await realpath(packageFolder));
  const folders = [...packages].flatMap((folder) => FOLDERS.map((name) => join(folder, name)));
  const areThere = await Promise.all(folders.map(isFolder));
  return folders.filter((_, index) => areThere[index]);
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/**
 * Calls `onChange` with the path of a source file below one of the folders that changed, was added or removed, or of a folder
 * that was added; once for changes that follow each other within 150 ms. Errors of watching go to `onError`.
 *
 * Watches folders. `node --watch` and a recursive `fs.watch` watch each file instead: on Linux they follow the file
 * itself, and notice no more changes once an editor or `git checkout` has replaced it.
 *
 * Returns a function that stops it.
 */
export function watchSources(
  folders: readonly string[],
  onChange: (path: string) => void,
  onError: (error: unknown) => void,
): () => void {
  const watchers = new Map<string, FSWatcher>();
  let changed: string | undefined;
  let quiet: NodeJS.Timeout | undefined;
  watchNewFolders();

  /** The folders that were not watched yet. */
  function watchNewFolders(): string[] {
    try {
      const added = folders.flatMap(withFoldersBelow).filter((folder) => !watchers.has(folder));
      for (const folder of added) watchers.set(folder, watchFolder(folder));
      return added;
    } catch (error) {
      onError(error);
      return [];
    }
  }

  function watchFolder(folder: string): FSWatcher {
    return watch(folder, (event, name) => {
      if (name === null) return;
      const path = join(folder, name);
      if (SOURCE.test(name)) changed = path;
      // If a folder of that name comes back, it needs a new watcher.
      if (event === "rename") unwatch(path);
      clearTimeout(quiet);
      quiet = setTimeout(report, QUIET_MS);
    }).on("error", onError);
  }

  function report(): void {
    const [added] = watchNewFolders();
    const path = changed ?? added;
    changed = undefined;
    if (path !== undefined) onChange(path);
  }

  function unwatch(folder: string): void {
    watchers.get(folder)?.close();
    watchers.delete(folder);
  }

  return () => {
    clearTimeout(quiet);
    for (const folder of watchers.keys()) unwatch(folder);
  };
}

function withFoldersBelow(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const below = entries.filter((entry) => entry.isDirectory());
  return [folder, ...below.map(({ parentPath, name }) => join(parentPath, name))];
}
