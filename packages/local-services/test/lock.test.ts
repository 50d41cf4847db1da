import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect } from "vitest";
import { withLock } from "../src/lock.ts";
import { test } from "./fixtures.ts";

test("work under one lock never overlaps, and comes to its end though other work fails", async ({
  folder,
}) => {
  const file = join(folder, "a lock");
  let inside = 0;
  let most = 0;
  const work = async (fails: boolean) => {
    inside++;
    most = Math.max(most, inside);
    await new Promise(setImmediate);
    inside--;
    if (fails) throw new Error("failed");
    return "done";
  };
  const all = await Promise.allSettled(
    [false, true, false].map((fails) => withLock(file, () => work(fails))),
  );
  expect(all.map((one) => one.status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(most).toBe(1);
});

test("a holder that was killed holds it no longer", async ({ folder }) => {
  const file = join(folder, "a lock");
  const source = new URL("../src/lock.ts", import.meta.url).href;
  const script = `import { withLock } from ${JSON.stringify(source)};
    withLock(process.argv[1], () => { console.log("held"); return new Promise(() => setInterval(() => {}, 1000)); });`;
  const holder = spawn(process.execPath, ["--input-type=module-typescript", "-e", script, file]);
  await once(holder.stdout, "data");
  await expect(withLock(file, async () => "mine", { waitMs: 0 })).rejects.toThrow(/another process has held/);
  holder.kill("SIGKILL");
  await once(holder, "exit");
  expect(await withLock(file, async () => "mine", { waitMs: 0 })).toBe("mine");
});
