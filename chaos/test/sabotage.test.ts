import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { DEFECTS } from "../src/sabotage/defects.ts";
import { editSource } from "../src/sabotage/edit-source.ts";

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
