import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { chmod, cp, mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { test as base, describe, expect } from "vitest";
import { z } from "zod";

const packageSchema = z.object({ scripts: z.record(z.string(), z.string()) });

type Ended = { code: number | null; signal: string | null; output: string };
type Clone = {
  folder: string;
  run(shell: string, ...command: string[]): { child: ChildProcess; ended: Promise<Ended> };
};

/** A clone with a `bootstrap.js` that tests replace, and with node_modules/.bin first in PATH, as npm does it. */
const test = base.extend<{ clone: Clone }>({
  clone: async ({ task: _ }, use) => {
    const folder = await mkdtemp(join(tmpdir(), "run-"));
    const bin = join(folder, "node_modules", ".bin");
    await mkdir(join(folder, "commands"));
    await mkdir(bin, { recursive: true });
    await cp(new URL("../run.sh", import.meta.url), join(folder, "commands", "run.sh"));
    await writeFile(join(folder, "commands", "bootstrap.js"), "");
    const groups: number[] = [];
    await use({
      folder,
      run(shell, ...command) {
        const child = spawn(shell, ["commands/run.sh", ...command], {
          cwd: folder,
          env: {
            ...process.env,
            NODE_COMPILE_CACHE: undefined,
            PATH: `${bin}${delimiter}${process.env["PATH"]}`,
          },
          stdio: ["ignore", "pipe", "inherit"],
          detached: true,
        });
        if (child.pid !== undefined) groups.push(child.pid);
        let output = "";
        child.stdout.setEncoding("utf8").on("data", (text: string) => {
          output += text;
        });
        return { child, ended: once(child, "close").then(([code, signal]) => ({ code, signal, output })) };
      },
    });
    for (const group of groups) endGroup(group);
    await rm(folder, { recursive: true });
  },
});

/** Ends processes that are left where a test fails. */
function endGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

test.for(["../../package.json", "../../packages/client/package.json"])(
  "every script of %s installs what is missing first",
  (file) => {
    const { scripts } = packageSchema.parse(JSON.parse(readFileSync(new URL(file, import.meta.url), "utf8")));
    const without = Object.entries(scripts).filter(
      ([, script]) =>
        !/^(exec sh (\.\.\/\.\.\/)?commands\/run\.sh [a-z]|sh commands\/run\.sh && |npm run )/.test(script),
    );
    expect(without).toEqual([]);
  },
);

describe.for(["sh", "bash"])("run by %s", (shell) => {
  test("the command has its arguments as they are, and its exit code is the script's", async ({ clone }) => {
    const print = "console.log(JSON.stringify(process.argv.slice(1))); process.exitCode = 7;";
    const { ended } = clone.run(shell, "node", "-e", print, "a b", "", "$HOME", "*");
    expect(await ended).toEqual({ code: 7, signal: null, output: '["a b","","$HOME","*"]\n' });
  });

  test("a signal reaches the command, which is the same process", async ({ clone }) => {
    const wait = `process.on("SIGTERM", () => process.exit(5)); setInterval(() => {}, 1000); console.log(process.pid);`;
    const { child, ended } = clone.run(shell, "node", "-e", wait);
    const [pid] = (await once(child.stdout ?? expect.fail("no stdout"), "data")) as [string];
    expect(Number(pid)).toBe(child.pid);
    child.kill("SIGTERM");
    expect(await ended).toMatchObject({ code: 5 });
  });

  test("Node keeps compiled modules in .cache", async ({ clone }) => {
    const { ended } = clone.run(shell, "node", "-e", "console.log(process.env.NODE_COMPILE_CACHE)");
    expect((await ended).output).toBe(`${join(await realpath(clone.folder), ".cache", "compiled")}\n`);
  });

  test("after a failed installation the command does not run", async ({ clone }) => {
    await writeFile(join(clone.folder, "commands", "bootstrap.js"), "process.exitCode = 1;");
    expect(await clone.run(shell, "node", "-e", "console.log(1)").ended).toEqual({
      code: 1,
      signal: null,
      output: "",
    });
  });

  test("the Node that the installation brings runs the command", async ({ clone }) => {
    const brought = join(clone.folder, "brought");
    await writeFile(brought, "#!/bin/sh\necho the Node that was brought\n");
    await chmod(brought, 0o755);
    const install = 'import { renameSync } from "node:fs"; renameSync("brought", "node_modules/.bin/node");';
    await writeFile(join(clone.folder, "package.json"), '{ "type": "module" }');
    await writeFile(join(clone.folder, "commands", "bootstrap.js"), install);
    expect(await clone.run(shell, "node", "main.ts").ended).toMatchObject({
      output: "the Node that was brought\n",
    });
  });

  test("without a command it installs only", async ({ clone }) => {
    expect(await clone.run(shell).ended).toMatchObject({ code: 0 });
  });
});
