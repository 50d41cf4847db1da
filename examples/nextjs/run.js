// @ts-check
/**
 * Runs the site on this machine: `node run.js start` builds and serves it, `dev` serves it while you change it, `build`
 * builds it, and `visitors` sends made-up views. All but the last install missing dependencies first. Further arguments go
 * to Next.js (`npm start -- --port 3001`).
 *
 * Plain JavaScript without dependencies, because it runs before they are installed.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseEnv } from "node:util";

const folder = dirname(fileURLToPath(import.meta.url));
const repository = join(folder, "..", "..");
const client = join(repository, "packages", "client");
const stampFile = join(folder, "node_modules", ".installed");

process.exitCode = await main(process.argv.slice(2)).catch((error) => {
  process.stderr.write(`${error.message}\n`);
  return 1;
});

/**
 * @param {string[]} args
 * @returns {Promise<number>} the exit code
 */
async function main([command, ...rest]) {
  const env = settings();
  if (command === "visitors") return run([join(folder, "visitors.mjs"), ...rest], env);
  if (command !== "start" && command !== "dev" && command !== "build") {
    throw new Error("node run.js start | dev | build | visitors");
  }
  await install();
  if (command !== "start") return next([command, ...rest], env);
  return (await next(["build"], env)) || next(["start", ...rest], env);
}

/**
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} env
 */
function next(args, env) {
  return run([join(folder, "node_modules", "next", "dist", "bin", "next"), ...args], env);
}

/**
 * The settings for the services that `npm start` runs in the repository: their addresses, the salt that they made and,
 * where the repository has a `.env`, its keys. Variables that are set already stay.
 *
 * @returns {NodeJS.ProcessEnv}
 */
function settings() {
  const file = join(repository, ".env");
  const services = existsSync(file) ? parseEnv(readFileSync(file, "utf8")) : {};
  const salt = join(repository, services["DATA_DIR"] || ".data", "viewer-id-salt");
  const first = (/** @type {string | undefined} */ keys) => keys?.split(",")[0]?.trim();
  const found = {
    NEXT_TELEMETRY_DISABLED: "1",
    INGEST_URL: `http://127.0.0.1:${services["INGEST_PORT"] || 4001}`,
    STATS_URL: `http://127.0.0.1:${services["STATS_PORT"] || 4002}`,
    SERVER_KEY: first(services["SERVER_KEYS"]),
    STATS_KEY: first(services["STATS_KEYS"]),
    ADMIN_KEY: first(services["ADMIN_KEYS"]),
    VIEWER_ID_SALT:
      services["VIEWER_ID_SALT"] || (existsSync(salt) ? readFileSync(salt, "utf8").trim() : undefined),
  };
  const given = Object.fromEntries(Object.entries(process.env).filter(([, value]) => value !== ""));
  const env = { ...found, ...given };
  if (!env.VIEWER_ID_SALT) {
    throw new Error(
      "There is no salt to identify viewers with. Run `npm start` in the folder of the repository first, which makes one, " +
        "or set VIEWER_ID_SALT to that of your ingest.",
    );
  }
  return env;
}

/** Builds the client package and installs all dependencies, unless nothing has changed since. */
async function install() {
  const wanted = fingerprint();
  if (existsSync(stampFile) && readFileSync(stampFile, "utf8") === wanted) return;
  process.stderr.write("installing dependencies…\n");
  const { packageManager } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const build = ["run", "--silent", "prepack"];
  const pnpm = ["-y", packageManager, "install", "--ignore-workspace", "--frozen-lockfile"];
  const code = (await npm("npm", build, client)) || (await npm("npx", pnpm, folder));
  if (code !== 0) throw new Error("The dependencies could not be installed; the reason is above.");
  writeFileSync(stampFile, wanted);
}

/** Changes with the lock file, and with the source of the client package. */
function fingerprint() {
  const hash = createHash("sha256").update(`${process.version} ${process.platform} ${process.arch}`);
  const sources = readdirSync(join(client, "src"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  for (const file of [join(folder, "pnpm-lock.yaml"), join(client, "package.json"), ...sources.sort()]) {
    hash.update(file).update(readFileSync(file));
  }
  return hash.digest("hex");
}

/**
 * Runs npm or npx, which lies beside it. npm passes its own settings to the scripts that it runs, and pnpm would read
 * them as its own. Only those for the registry are passed on.
 *
 * @param {"npm" | "npx"} tool
 * @param {string[]} args
 * @param {string} cwd
 */
function npm(tool, args, cwd) {
  const passed =
    /^npm_config_(registry|cache|userconfig|globalconfig|ca|cafile|strict_ssl|(https?_)?proxy|noproxy)$/i;
  const entries = Object.entries(process.env).filter(
    ([name]) => name !== "NODE_ENV" && (!/^npm_/i.test(name) || passed.test(name)),
  );
  const env = { ...Object.fromEntries(entries), CI: "1" };
  const started = process.env["npm_execpath"] ?? "";
  const cli = join(dirname(started), `${tool}-cli.js`);
  if (basename(started) === "npm-cli.js" && existsSync(cli)) return run([cli, ...args], env, cwd);
  // Started without npm. On Windows npm is npm.cmd, which only a shell can run; no argument needs quotes.
  return run(args, env, cwd, { command: tool, shell: process.platform === "win32" });
}

/**
 * Runs a program in this terminal until it ends. Passes on the signals that would end this process.
 *
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @param {string} cwd
 * @returns {Promise<number>} its exit code
 */
function run(args, env, cwd = folder, { command = process.execPath, shell = false } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, shell, stdio: "inherit" });
    const signals = /** @type {const} */ (["SIGINT", "SIGTERM"]);
    const pass = (/** @type {NodeJS.Signals} */ signal) => void child.kill(signal);
    for (const signal of signals) process.on(signal, pass);
    child.once("error", reject);
    child.once("exit", (code) => {
      for (const signal of signals) process.off(signal, pass);
      resolve(code ?? 1);
    });
  });
}
