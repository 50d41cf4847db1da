import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { brokenCode } from "../src/mutation/mutated-code.ts";
import { DEFECTS } from "../src/mutation/mutants.ts";
import { editSource } from "../src/mutation/edit-source.ts";
import { wordFor } from "../src/mutation/word-for.ts";

const root = new URL("../../", import.meta.url);

describe("sabotage", () => {
  test.each(DEFECTS)("$name changes today's sources", async ({ edits }) => {
    const files = new Map<string, string>();
    for (const edit of edits) {
      const source = files.get(edit.file) ?? (await readFile(new URL(edit.file, root), "utf8"));
      const edited = editSource(source, edit);
      expect(edited).not.toBe(source);
      files.set(edit.file, edited);
    }
  });

  test.each([
    ["is not there", "await work();"],
    ["is there twice", "await save(); await save();"],
  ])("fails when the text %s", (_, source) => {
    expect(() => editSource(source, { file: "a.ts", find: "await save();", put: "" })).toThrow("a.ts has");
  });

  test("has names that differ", () => {
    expect(new Set(DEFECTS.map(({ name }) => name)).size).toBe(DEFECTS.length);
  });
});

describe("a run with a defect built in", () => {
  const [defect] = DEFECTS;
  if (defect === undefined) throw new Error("there are defects");
  const sabotaged = new Set(defect.edits.map(({ file }) => file));
  const check = (name: string, isMet: boolean) => ({ name, isMet, found: "", examples: [] });
  const verdict = (name: string, isMet: boolean, leftOut: string[] = []) => ({
    ...{ checks: [check(name, isMet)], figures: [], leftOut },
  });
  const found = verdict(defect.breaks, false);

  test.each([
    ["caught", { verdict: found, sabotaged }],
    ["NOT CAUGHT", { verdict: verdict(defect.breaks, true), sabotaged }],
    ["CAUGHT BY ANOTHER", { verdict: verdict("another", false), sabotaged }],
    ["NOT TRIED", { verdict: verdict(defect.breaks, true, ["redis-disk-full: no disk"]), sabotaged }],
    ["NOT BUILT IN", { verdict: found, sabotaged: new Set<string>() }],
    ["DOES NOT RUN", { verdict: found, sabotaged, broken: "worker-0.log: TypeError: x is not a function" }],
  ])(
    "is told as %s",
    (word, {
      verdict,
      sabotaged,
      broken,
    }: { verdict: typeof found; sabotaged: Set<string>; broken?: string }) => {
      expect(wordFor(defect, { verdict, sabotaged, broken })).toContain(word);
    },
  );

  test("is known by what the services say of code that cannot run", async () => {
    const logs = await mkdtemp(join(tmpdir(), "model-views-logs-"));
    onTestFinished(() => rm(logs, { recursive: true }));
    await writeFile(join(logs, "harness.log"), "ReferenceError: not of a service");
    await writeFile(join(logs, "ingest-0.log"), '{"level":50,"msg":"cannot reach Redis"}\n');
    expect(await brokenCode(logs)).toBeUndefined();
    await writeFile(join(logs, "worker-0.log"), '{"stack":"ReferenceError: gone is not defined\\n at x"}\n');
    expect(await brokenCode(logs)).toBe("worker-0.log: ReferenceError: gone is not defined");
  });
});
