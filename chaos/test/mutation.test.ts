import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { editSource } from "../src/lab/mutant.ts";
import { MUTANTS } from "../src/mutation/mutants.ts";
import { brokenCode, outcomeOf } from "../src/mutation/outcome.ts";

const root = new URL("../../", import.meta.url);

describe("a mutant", () => {
  test.each(MUTANTS)("$name changes today's sources", async ({ edits }) => {
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

  test("has a name of no other mutant", () => {
    expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length);
  });
});

describe("a run with a mutant built in", () => {
  const [mutant] = MUTANTS;
  if (mutant === undefined) throw new Error("there are mutants");
  const mutated = new Set(mutant.edits.map(({ file }) => file));
  const check = (name: string, isMet: boolean) => ({ name, isMet, found: "", examples: [] });
  const verdict = (name: string, isMet: boolean, leftOut: string[] = []) => ({
    ...{ checks: [check(name, isMet)], summary: [], leftOut },
  });
  const found = verdict(mutant.breaks, false);

  test.each([
    ["caught", { verdict: found, mutated }],
    ["NOT CAUGHT", { verdict: verdict(mutant.breaks, true), mutated }],
    ["CAUGHT BY ANOTHER CHECK", { verdict: verdict("another", false), mutated }],
    ["NOT TRIED", { verdict: verdict(mutant.breaks, true, ["redis-disk-full: no disk"]), mutated }],
    ["NOT BUILT IN", { verdict: found, mutated: new Set<string>() }],
    ["DOES NOT RUN", { verdict: found, mutated, broken: "worker-0.log: TypeError: x is not a function" }],
  ])(
    "has the outcome %s",
    (outcome, {
      verdict,
      mutated,
      broken,
    }: { verdict: typeof found; mutated: Set<string>; broken?: string }) => {
      expect(outcomeOf(mutant, { verdict, mutated, broken })).toContain(outcome);
    },
  );

  test("is reported with the error of a service whose code cannot run", async () => {
    const logs = await mkdtemp(join(tmpdir(), "model-views-logs-"));
    onTestFinished(() => rm(logs, { recursive: true }));
    await writeFile(join(logs, "harness.log"), "ReferenceError: not of a service");
    await writeFile(join(logs, "ingest-0.log"), '{"level":50,"msg":"cannot reach Redis"}\n');
    expect(await brokenCode(logs)).toBeUndefined();
    await writeFile(join(logs, "worker-0.log"), '{"stack":"ReferenceError: gone is not defined\\n at x"}\n');
    expect(await brokenCode(logs)).toBe("worker-0.log: ReferenceError: gone is not defined");
  });
});
