import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test as base, describe, expect } from "vitest";
import { findChromium, launchChromium } from "./chromium.ts";

type Program = {
  /** Launches a program that runs these lines of shell before it becomes the browser. `$starts` counts its starts. */
  launch: (script: string) => ReturnType<typeof launchChromium>;
  starts: () => Promise<number>;
  logged: string[];
};

const test = base.extend<{ program: Program }>({
  program: async ({ task: _ }, use) => {
    const folder = await mkdtemp(join(tmpdir(), "model-views-chromium-"));
    const [path, counter] = [join(folder, "chromium"), join(folder, "starts")];
    const found = await findChromium();
    const lines = (script: string) => [
      "#!/bin/sh",
      `echo started >> "${counter}"`,
      `starts=$(wc -l < "${counter}")`,
      "ulimit -c 0",
      script,
      `exec "${found.path}" "$@"`,
    ];
    const logged: string[] = [];
    await use({
      logged,
      launch: async (script) => {
        await writeFile(path, lines(script).join("\n"), { mode: 0o755 });
        return launchChromium({ ...found, path }, (line) => logged.push(line));
      },
      starts: async () => (await readFile(counter, "utf8")).trim().split("\n").length,
    });
    await rm(folder, { recursive: true });
  },
});

describe("a browser that crashes while it starts", () => {
  test("is started again, and logged", async ({ program }) => {
    const browser = await program.launch(`[ "$starts" -gt 1 ] || kill -SEGV $$`);
    expect(browser.version()).toMatch(/^\d+\./);
    await browser.close();
    expect(await program.starts()).toBe(2);
    expect(program.logged).toEqual(["The browser crashed while it started (SIGSEGV), 1 of 3 times"]);
  });

  test("every time is an error after the third", async ({ program }) => {
    await expect(program.launch("kill -SEGV $$")).rejects.toThrow("signal=SIGSEGV");
    expect(await program.starts()).toBe(3);
    expect(program.logged).toHaveLength(3);
  });
});

test("a browser that cannot start for another reason is not started again", async ({ program }) => {
  await expect(program.launch("exit 127")).rejects.toThrow("exitCode=127");
  expect(await program.starts()).toBe(1);
});
