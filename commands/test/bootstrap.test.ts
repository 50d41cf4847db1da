import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { appendFile, chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test as base, expect } from "vitest";

/**
 * Stands in for npx: notes how it was called, and makes what `installs` holds; fails when there is a file `fail`, and
 * does nothing for as long as there is a file `hold`.
 */
const NPX = `
const { appendFileSync, cpSync, existsSync } = require("node:fs");
const { env, argv } = process;
appendFileSync("calls", JSON.stringify({ args: argv.slice(2), env }) + "\\n");
if (existsSync("fail")) { console.log("the registry is away"); process.exit(7); }
while (existsSync("hold"));
cpSync("installs", "node_modules", { recursive: true });
`;

type Call = { args: string[]; env: Record<string, string> };
type Ended = { code: number | null; said: string };
type Running = { said(): string; ended: Promise<Ended> };
type RunOptions = { env?: NodeJS.ProcessEnv; node?: string[] };

type Clone = {
  root: string;
  start(options?: RunOptions): Running;
  run(options?: RunOptions): Promise<Ended>;
  calls(): Promise<Call[]>;
};

const test = base.extend<{ clone: Clone }>({
  clone: async ({ task: _ }, use) => {
    const folder = await mkdtemp(join(tmpdir(), "bootstrap-"));
    const root = join(folder, "a clone");
    const npm = join(folder, "an npm");
    await mkdir(join(root, "commands"), { recursive: true });
    await mkdir(join(root, "installs", ".bin"), { recursive: true });
    await mkdir(npm);
    await cp(new URL("../bootstrap.js", import.meta.url), join(root, "commands", "bootstrap.js"));
    await writeFile(
      join(root, "package.json"),
      '{ "type": "module", "packageManager": "pnpm@10.1.2+sha512.00" }',
    );
    for (const name of ["pnpm-lock.yaml", "pnpm-workspace.yaml"]) await writeFile(join(root, name), "");
    await writeFile(join(npm, "npm-cli.js"), "");
    await writeFile(join(npm, "npx-cli.js"), NPX);
    const start = ({ env = {}, node = [] }: RunOptions = {}): Running => {
      const child = spawn(process.execPath, [...node, join(root, "commands", "bootstrap.js")], {
        cwd: root,
        env: { ...process.env, npm_execpath: join(npm, "npm-cli.js"), ...env },
        stdio: ["ignore", "ignore", "pipe"],
      });
      let said = "";
      child.stderr.setEncoding("utf8").on("data", (text: string) => {
        said += text;
      });
      return {
        said: () => said,
        ended: once(child, "close").then(([code]) => ({ code: Number(code), said })),
      };
    };
    await use({
      root,
      start,
      run: (options) => start(options).ended,
      calls: async () => {
        const lines = await readFile(join(root, "calls"), "utf8").catch(() => "");
        return lines
          .split("\n")
          .filter(Boolean)
          .map((line) => JSON.parse(line) as Call);
      },
    });
    await rm(folder, { recursive: true });
  },
});

test("a fresh clone is installed once, with one line, and then left alone", async ({ clone }) => {
  expect(await clone.run()).toEqual({ code: 0, said: "installing dependencies (first run only)…\n" });
  expect(await clone.run()).toEqual({ code: 0, said: "" });
  const calls = await clone.calls();
  expect(calls.map((call) => call.args)).toEqual([["-y", "pnpm@10.1.2", "install", "--frozen-lockfile"]]);
  expect(await readdir(join(clone.root, ".cache"))).toEqual([]);
});

test.for(["pnpm-lock.yaml", "pnpm-workspace.yaml"])(
  "a change of %s installs again",
  async (name, { clone }) => {
    await clone.run();
    await appendFile(join(clone.root, name), "# changed\n");
    expect(await clone.run()).toEqual({
      code: 0,
      said: "installing dependencies (the lockfile has changed)…\n",
    });
    expect(await clone.calls()).toHaveLength(2);
  },
);

test("another package manager installs again", async ({ clone }) => {
  await clone.run();
  await writeFile(join(clone.root, "package.json"), '{ "type": "module", "packageManager": "pnpm@10.1.3" }');
  await clone.run();
  expect((await clone.calls())[1]?.args).toContain("pnpm@10.1.3");
});

test("a failed installation shows why and what to do, stops the command, and is tried again", async ({
  clone,
}) => {
  await writeFile(join(clone.root, "fail"), "");
  const failed = await clone.run();
  expect(failed.code).toBe(1);
  expect(failed.said).toMatch(/the registry is away\n.*could not be installed.*run the command again/s);
  await rm(join(clone.root, "fail"));
  expect(await clone.run()).toMatchObject({ code: 0 });
  expect(await clone.calls()).toHaveLength(2);
});

test("a failed update does not leave the old installation for a good one", async ({ clone }) => {
  await clone.run();
  const lockfile = join(clone.root, "pnpm-lock.yaml");
  await writeFile(lockfile, "# changed\n");
  await writeFile(join(clone.root, "fail"), "");
  await clone.run();
  await writeFile(lockfile, "");
  expect(await clone.run()).toMatchObject({ code: 1 });
});

test("of npm's own settings only the way to the registry goes on, and all is installed everywhere", async ({
  clone,
}) => {
  const bin = join(clone.root, "node_modules", ".bin");
  await clone.run({
    env: {
      npm_config_registry: "https://npm.example/",
      "npm_config_//npm.example/:_authToken": "secret",
      npm_config_loglevel: "silent",
      npm_config_omit: "dev",
      NPM_CONFIG_IGNORE_SCRIPTS: "true",
      npm_lifecycle_event: "pretest",
      NODE_ENV: "production",
      PATH: `${bin}:${process.env["PATH"]}`,
    },
  });
  const env = (await clone.calls())[0]?.env ?? {};
  expect(env).toMatchObject({
    CI: "1",
    npm_config_registry: "https://npm.example/",
    "npm_config_//npm.example/:_authToken": "secret",
  });
  for (const name of [
    "npm_config_loglevel",
    "npm_config_omit",
    "NPM_CONFIG_IGNORE_SCRIPTS",
    "npm_lifecycle_event",
    "NODE_ENV",
  ]) {
    expect(env).not.toHaveProperty(name);
  }
  expect(env["PATH"]).not.toContain(bin);
});

test("two commands at once install once", async ({ clone }) => {
  const hold = join(clone.root, "hold");
  await writeFile(hold, "");
  const commands = [clone.start(), clone.start()];
  const saying = () => commands.map(({ said }) => said().split(" ")[0]).sort();
  await expect.poll(saying).toEqual(["installing", "waiting"]);
  await rm(hold);
  const ended = await Promise.all(commands.map((command) => command.ended));
  expect(ended.map(({ code }) => code)).toEqual([0, 0]);
  expect(await clone.calls()).toHaveLength(1);
});

test("the lock of a command that was killed is taken over", async ({ clone }) => {
  const { pid } = spawnSync(process.execPath, ["--version"]);
  await mkdir(join(clone.root, ".cache"));
  await writeFile(join(clone.root, ".cache", "bootstrap.lock"), String(pid));
  expect(await clone.run()).toMatchObject({ code: 0 });
  expect(await clone.calls()).toHaveLength(1);
});

/** Makes this Node pass for an older one. */
async function asNode20(root: string): Promise<string[]> {
  const file = join(root, "node-20.cjs");
  await writeFile(file, 'Object.defineProperty(process, "version", { value: "v20.19.0" });');
  return ["--require", file];
}

async function packageNode(root: string, script: string): Promise<void> {
  const node = join(root, "installs", ".bin", "node");
  await writeFile(node, `#!/bin/sh\n${script}\n`);
  await chmod(node, 0o755);
}

test("an old Node will do where a newer one is among the dependencies", async ({ clone }) => {
  await packageNode(clone.root, "echo v24.21.0");
  const node = await asNode20(clone.root);
  expect(await clone.run({ node })).toMatchObject({ code: 0 });
  expect(await clone.run({ node })).toEqual({ code: 0, said: "" });
});

test("an old Node where none is packaged stops every command, and says what to do", async ({ clone }) => {
  const node = await asNode20(clone.root);
  for (let time = 0; time < 2; time++) {
    const { code, said } = await clone.run({ node });
    expect(code).toBe(1);
    expect(said).toMatch(
      /no packaged Node 24, and the machine's own is v20\.19\.0: install Node 24 .* from nodejs\.org/,
    );
  }
  expect(await clone.calls()).toHaveLength(1);
});

test("a packaged Node that does not run here makes way for the machine's own", async ({ clone }) => {
  await packageNode(clone.root, "exec /lib/ld-missing-from-this-system");
  expect(await clone.run()).toMatchObject({ code: 0 });
  expect(existsSync(join(clone.root, "node_modules", ".bin", "node"))).toBe(false);
});
