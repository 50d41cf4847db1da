// @ts-check
/**
 * Runs before every npm script. Installs the dependencies when they are missing or are not those of the lockfile, so
 * that a fresh clone needs Node 20 and npm and nothing else; otherwise it ends at once.
 *
 * Plain JavaScript, because it runs on the machine's Node, which may be too old for TypeScript. Everything else runs on
 * Node 24, which is one of the dependencies.
 *
 * Ends with 0 when the script may go on, and with 1 and a sentence of what to do when not.
 */
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, delimiter, dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const NODE_MAJOR_MIN = 24;
const LOCK_POLL_MS = 200;
/** The process of an older lock has died, and another process may have its id: no installation takes this long. */
const LOCK_AGE_MS_MAX = 15 * 60_000;
const OUTPUT_CHARACTERS_MAX = 64 * 1024;

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const modules = join(root, "node_modules");
const stampFile = join(modules, ".model-views-installed");

process.exitCode = await main().catch((error) => {
  say(
    `${error.message}\nThis folder is incomplete or cannot be written to: put that right and run the command again.`,
  );
  return 1;
});

/** @returns {Promise<number>} the exit code */
async function main() {
  const wanted = fingerprint();
  if (readStamp() !== wanted) {
    const unlock = await lock(() => readStamp() === wanted);
    try {
      // The previous holder of the lock may have installed the same.
      if (readStamp() !== wanted && !(await install(wanted))) return 1;
    } finally {
      unlock();
    }
  }
  return checkNode();
}

/** What the installed dependencies depend on: an installation with another one is out of date. */
function fingerprint() {
  const hash = createHash("sha256");
  for (const file of ["pnpm-lock.yaml", "pnpm-workspace.yaml"]) hash.update(readFileSync(join(root, file)));
  hash.update([packageManager(), process.platform, process.arch].join());
  return hash.digest("hex");
}

/** @returns {string} `pnpm@10.34.9` */
function packageManager() {
  /** @type {{ packageManager: string }} */
  const { packageManager: name } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  // A hash may follow, which npx would take for a part of the version.
  return name.replace(/\+.*/, "");
}

function readStamp() {
  return existsSync(stampFile) ? readFileSync(stampFile, "utf8") : null;
}

/**
 * @param {string} wanted what to write into the stampFile when it worked
 * @returns {Promise<boolean>} whether it did
 */
async function install(wanted) {
  say(`installing dependencies (${existsSync(stampFile) ? "the lockfile has changed" : "first run only"})…`);
  // From here until the end, the installation is incomplete.
  rmSync(stampFile, { force: true });
  const { code, output } = await run(["-y", packageManager(), "install", "--frozen-lockfile"]);
  if (code !== 0) {
    process.stderr.write(output);
    say(
      "\nThe dependencies could not be installed; the reason is above. Most often the npm registry could not be " +
        "reached, or this folder or your home folder cannot be written to. Put that right and run the command again.",
    );
    return false;
  }
  preferOwnNodeToOneThatDoesNotRun();
  writeFileSync(`${stampFile}.new`, wanted);
  renameSync(`${stampFile}.new`, stampFile);
  return true;
}

/**
 * Runs npx to its end and keeps what it prints.
 * @param {string[]} args
 * @returns {Promise<{ code: number, output: string }>}
 */
function run(args) {
  const cli = npxCli();
  const [command, ...rest] = cli === null ? ["npx", ...args] : [process.execPath, cli, ...args];
  return new Promise((resolve) => {
    let output = "";
    const child = spawn(command, rest, {
      cwd: root,
      env: environment(),
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => {
        output = (output + text).slice(-OUTPUT_CHARACTERS_MAX);
      });
    }
    child.on("error", (error) => resolve({ code: 1, output: `${output}${error.message}\n` }));
    child.on("close", (code) => resolve({ code: code ?? 1, output }));
  });
}

/**
 * npm passes its path to its scripts. npx is beside it, and needs neither PATH nor a shell. Null under another tool.
 */
function npxCli() {
  const npm = process.env["npm_execpath"] ?? "";
  const npx = join(dirname(npm), "npx-cli.js");
  return basename(npm) === "npm-cli.js" && existsSync(npx) ? npx : null;
}

/**
 * The environment for pnpm. npm passes its settings to its scripts as npm_config_*, and pnpm would use them: after
 * `npm test --silent` it would not print why it failed, and after `--ignore-scripts` or `--omit` it would leave things out.
 * So pnpm gets only the settings that it needs to reach the registry and the caches. NODE_ENV is removed too: with
 * `production`, pnpm would not install what the tests need, and the stampFile describes only one kind of installation.
 */
function environment() {
  const kept =
    /^npm_config_(registry|cache|store_dir|userconfig|globalconfig|ca|cafile|cert|key|strict_ssl|(https?_)?proxy|noproxy|fetch_.*|(prefer_)?offline|.*:.*)$/i;
  const entries = Object.entries(process.env).filter(
    ([name]) => name !== "NODE_ENV" && (!/^npm_/i.test(name) || kept.test(name)),
  );
  const env = Object.fromEntries(entries);
  // Without the Node that this installation replaces.
  const folders = (env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== join(modules, ".bin"));
  // Without CI, pnpm may ask a question, and there is no terminal for the answer.
  return { ...env, PATH: folders.join(delimiter), CI: "1" };
}

/**
 * Waits until no other bootstrap installs here. If two start together, only one should install. After a holder was
 * killed, both may install: that is slow and not wrong.
 * @param {() => boolean} isDone whether there is nothing left to wait for
 * @returns {Promise<() => void>} releases the lock
 */
async function lock(isDone) {
  const folder = join(root, ".cache");
  const file = join(folder, "bootstrap.lock");
  mkdirSync(folder, { recursive: true });
  for (let waited = false; !isDone(); waited = true) {
    try {
      writeFileSync(file, String(process.pid), { flag: "wx" });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== "EEXIST") throw error;
    }
    if (isAbandoned(file)) {
      rmSync(file, { force: true });
      continue;
    }
    if (!waited) say("waiting for another command that is installing dependencies…");
    await pause(LOCK_POLL_MS);
  }
  return () => {};
}

/** @param {string} file */
function isAbandoned(file) {
  try {
    if (Date.now() - statSync(file).mtimeMs > LOCK_AGE_MS_MAX) return true;
    // An empty file is not abandoned: its holder is about to write its id.
    const pid = Number(readFileSync(file, "utf8"));
    if (pid > 0) process.kill(pid, 0);
    return false;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === "ESRCH";
  }
}

function packagedNode() {
  return join(modules, ".bin", "node");
}

/**
 * The packaged Node 24 comes first on PATH in every script. If it does not run (it needs glibc, and the system has
 * musl), it is removed, so that scripts find the machine's Node.
 */
function preferOwnNodeToOneThatDoesNotRun() {
  const node = packagedNode();
  if (!existsSync(node)) return;
  const { stdout } = spawnSync(node, ["--version"], { encoding: "utf8" });
  if (major(stdout ?? "") >= NODE_MAJOR_MIN) return;
  rmSync(node, { force: true });
}

/** @returns {number} the exit code */
function checkNode() {
  if (existsSync(packagedNode()) || major(process.version) >= NODE_MAJOR_MIN) return 0;
  say(
    `This platform (${process.platform}, ${process.arch}) has no packaged Node ${NODE_MAJOR_MIN}, and the machine's own ` +
      `is ${process.version}: install Node ${NODE_MAJOR_MIN} or newer from nodejs.org, and run the command again.`,
  );
  return 1;
}

/**
 * @param {string} version `v24.21.0`
 * @returns {number} 0 for a text that is no version
 */
function major(version) {
  return Number(/^v(\d+)\./.exec(version.trim())?.[1] ?? 0);
}

/** @param {string} line */
function say(line) {
  process.stderr.write(`${line}\n`);
}
