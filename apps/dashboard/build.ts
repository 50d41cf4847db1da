import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { build } from "vite";

const HELP = `
node apps/dashboard/build.ts [--out FOLDER] [--check]

Builds the dashboard into apps/dashboard/dist, or FOLDER, with each file compressed beside it (.br, .gz). Prints the size of the
scripts that the first page loads; ends with 1 when they are larger than the budget.

--check builds into a temporary folder inside the cache, for the size alone.`;

/** Bytes of gzipped script that the first page may load. */
const FIRST_LOAD_BYTES_MAX = 250 * 1024;
/** Where the build writes which file imports which. It is served to no one. */
const MANIFEST = "manifest.json";
/** What a reader loads first: the frame and the overview. */
const FIRST = ["index.html", "src/pages/overview/overview-page.tsx"];
/** Files that are worth compressing; others are compressed already. */
const COMPRESSIBLE = /\.(js|css|html|svg|json)$/;

const root = fileURLToPath(new URL(".", import.meta.url));
const { values } = parseArgs({
  options: { out: { type: "string" }, check: { type: "boolean", default: false }, help: { type: "boolean" } },
});
if (values.help) {
  process.stdout.write(`${HELP.trim()}\n`);
} else {
  const out = values.check
    ? fileURLToPath(new URL("../../.cache/dashboard-check", import.meta.url))
    : (values.out ?? join(root, "dist"));
  await build({ root, logLevel: "warn", build: { outDir: out, emptyOutDir: true, manifest: MANIFEST } });
  const sizes = await compressAll(out);
  const first = await firstLoad(out);
  const bytes = [...first].reduce((sum, name) => sum + (sizes.get(name) ?? 0), 0);
  process.stdout.write(
    `dashboard: the first page loads ${bytes} bytes of gzipped script (at most ${FIRST_LOAD_BYTES_MAX})\n`,
  );
  if (bytes > FIRST_LOAD_BYTES_MAX) process.exitCode = 1;
}

/** Writes `.br` and `.gz` beside each file. Returns the gzipped bytes of each, by its path in the folder. */
async function compressAll(folder: string): Promise<Map<string, number>> {
  const names = await readdir(folder, { recursive: true });
  const sizes = new Map<string, number>();
  for (const name of names.filter((each) => COMPRESSIBLE.test(each))) {
    const path = join(folder, name);
    if (!(await stat(path)).isFile()) continue;
    const content = await readFile(path);
    const gzipped = await promisify(gzip)(content, { level: 9 });
    const brotli = await promisify(brotliCompress)(content, {
      params: { [constants.BROTLI_PARAM_SIZE_HINT]: content.length },
    });
    await Promise.all([writeFile(`${path}.gz`, gzipped), writeFile(`${path}.br`, brotli)]);
    sizes.set(relative(folder, path), gzipped.length);
  }
  return sizes;
}

type Manifest = Readonly<Record<string, { file: string; imports?: readonly string[] }>>;

/** The scripts of index.html and of its first page, with what they import at once. */
async function firstLoad(folder: string): Promise<Set<string>> {
  const manifest: Manifest = JSON.parse(await readFile(join(folder, MANIFEST), "utf8"));
  const files = new Set<string>();
  const visit = (name: string): void => {
    const chunk = manifest[name];
    if (chunk === undefined) throw new Error(`the build has no ${name}`);
    if (files.has(chunk.file)) return;
    files.add(chunk.file);
    for (const imported of chunk.imports ?? []) visit(imported);
  };
  for (const name of FIRST) visit(name);
  return files;
}
