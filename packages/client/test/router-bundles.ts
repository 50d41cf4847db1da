import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, glob, mkdir, mkdtemp, readdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build, type Plugin } from "esbuild";

const run = promisify(execFile);
const fixture = fileURLToPath(new URL("./routers", import.meta.url));
const repository = fileURLToPath(new URL("../../..", import.meta.url));
const cacheFolder = join(repository, ".cache");
/** All other files are installed or generated. */
const SOURCES = /^(package\.json|pnpm-lock\.yaml|apps\/.*|astro\/(?!dist|\.astro|node_modules).*)$/;

/**
 * Builds the websites of `routers`: a bundle for each of `apps`, and Astro's pages in `astro`. Builds again only when their
 * sources have changed. Their packages are not part of the workspace, because nothing else needs them.
 *
 * @returns the folder of the bundles.
 */
export async function buildRouterBundles(): Promise<string> {
  const files = await sources();
  const hash = createHash("sha256");
  for (const file of files) hash.update(`${file}\n`).update(await readFile(join(fixture, file)));
  const folder = join(cacheFolder, `routers-${hash.digest("hex").slice(0, 16)}`);
  if (existsSync(folder)) return folder;
  await mkdir(cacheFolder, { recursive: true });
  const outdated = (await readdir(cacheFolder)).filter((name) => name.startsWith("routers-"));
  await Promise.all(outdated.map((name) => rm(join(cacheFolder, name), { recursive: true, force: true })));
  const staging = await mkdtemp(join(cacheFolder, "routers-new-"));
  try {
    for (const file of files) await cp(join(fixture, file), join(staging, file));
    await install(staging);
    const built = join(staging, "built");
    await Promise.all([bundleApps(staging, built), buildAstro(staging, join(built, "astro"))]);
    await rename(built, folder);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
  return folder;
}

async function sources(): Promise<string[]> {
  const files: string[] = [];
  for await (const entry of glob("**/*", { cwd: fixture, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name).slice(fixture.length + 1);
    if (entry.isFile() && SOURCES.test(path)) files.push(path);
  }
  return files.sort();
}

async function install(folder: string): Promise<void> {
  const manifest = await readFile(join(repository, "package.json"), "utf8");
  const { packageManager } = JSON.parse(manifest) as { packageManager: string };
  const args = [
    "-y",
    packageManager,
    "install",
    "--ignore-workspace",
    "--frozen-lockfile",
    "--ignore-scripts",
  ];
  // pnpm would read the variables that npm sets for scripts as its own settings. Only those for the registry stay.
  const npmVariables = /^npm_(?!config_(registry|userconfig|cache|store_dir|ca|cafile|.*proxy)$)/i;
  const env = Object.entries(process.env).filter(([name]) => !npmVariables.test(name) && name !== "NODE_ENV");
  await run("npx", args, { cwd: folder, env: { ...Object.fromEntries(env), CI: "1" } });
}

async function bundleApps(folder: string, outdir: string): Promise<void> {
  const entryPoints = [
    "turbo",
    "turbolinks",
    "htmx",
    "htmx-2",
    "swup",
    "swup-without-scripts",
    "barba",
    "unpoly",
  ]
    .concat(["pjax", "instant-page", "quicklink", "navigo", "page", "mithril", "svelte-navaid"])
    .concat(["vue-router", "vue-router-hash"])
    .map((name) => `apps/${name}.js`)
    .concat(
      ["react-router", "tanstack-router", "wouter", "wouter-hash", "preact-iso"].map(
        (name) => `apps/${name}.jsx`,
      ),
    );
  await build({
    absWorkingDir: folder,
    entryPoints,
    outdir,
    bundle: true,
    minify: true,
    jsx: "automatic",
    logLevel: "error",
    define: {
      "process.env.NODE_ENV": `"production"`,
      __VUE_OPTIONS_API__: "true",
      __VUE_PROD_DEVTOOLS__: "false",
      __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: "false",
    },
    conditions: ["production", "browser", "svelte"],
    plugins: [await svelte(folder)],
  });
}

/** Compiles components of Svelte, which is itself among what was installed. */
async function svelte(folder: string): Promise<Plugin> {
  const compiler = join(folder, "node_modules/svelte/src/compiler/index.js");
  const { compile } = (await import(compiler)) as {
    compile: (source: string, options: object) => { js: { code: string } };
  };
  return {
    name: "svelte",
    setup({ onLoad }) {
      onLoad({ filter: /\.svelte$/ }, async ({ path }) => {
        const { js } = compile(await readFile(path, "utf8"), { filename: path, generate: "client" });
        return { contents: js.code, loader: "js", resolveDir: dirname(path) };
      });
    },
  };
}

async function buildAstro(folder: string, outDir: string): Promise<void> {
  const cli = join(folder, "node_modules/astro/bin/astro.mjs");
  const env = { ...process.env, ASTRO_TELEMETRY_DISABLED: "1" };
  await run(process.execPath, [cli, "build", "--root", "astro", "--outDir", outDir], { cwd: folder, env });
}
