import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { isAlive } from "@model-views/local-services/processes.ts";
import { expect, test } from "vitest";

test("when the harness is killed, its processes end, even stopped ones, and its folder is removed with the disks in it", async () => {
  const folder = await mkdtemp(join(tmpdir(), "model-views-guard-"));
  const launcher = fileURLToPath(new URL("guard-launcher.ts", import.meta.url));
  const harness = spawn(process.execPath, [launcher, folder], { stdio: ["ignore", "pipe", "inherit"] });
  const pid = await new Promise<number>((resolve) => {
    createInterface({ input: harness.stdout }).once("line", (line) => resolve(Number(line)));
  });
  expect(isAlive(pid)).toBe(true);
  harness.kill("SIGKILL");
  await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false);
  await expect.poll(() => existsSync(folder), { timeout: 10_000 }).toBe(false);
});
