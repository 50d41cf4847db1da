import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { COMPILE_CACHE } from "@model-views/testing/services.ts";
import { describe, expect, test } from "vitest";
import { z } from "zod";

const root = new URL("../../", import.meta.url);
const { scripts } = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readFileSync(new URL("package.json", root), "utf8")));

/** The services have settings and no options. `dev` is `start` with an option, and `lint` several commands. */
const WITHOUT_HELP = ["ingest", "worker", "stats-api", "dev", "lint"];
/** Former names of commands. */
const ALIASES = { replay: "redrive", maintain: "maintenance" };

const commands = Object.entries(scripts).flatMap(([name, script]) => {
  const [, main] = / node ([\w./-]+\.ts)$/.exec(script) ?? [];
  return main === undefined || WITHOUT_HELP.includes(name) || name in ALIASES ? [] : [[name, main] as const];
});

describe("npm run", () => {
  test.each(Object.entries(ALIASES))("%s is another name of %s", (alias, name) => {
    expect(scripts[alias]).toBe(scripts[name]);
  });

  test("has more than a few commands", () => {
    expect(commands.length).toBeGreaterThanOrEqual(10);
  });

  test.each(commands)("%s has a help, which needs no settings", async (name, main) => {
    const path = fileURLToPath(new URL(main, root));
    const { stdout } = await promisify(execFile)(process.execPath, [path, "--help"], {
      env: COMPILE_CACHE,
      cwd: tmpdir(),
    });
    expect(stdout).toMatch(new RegExp(`^npm (run )?${name}\\b`));
  });
});
