import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";

const document = await readFile(new URL("../../../docs/frameworks.md", import.meta.url), "utf8");

/** Blocks of code, each with the file of the websites in which it stands. */
const recipes = [...document.matchAll(/^`(.*)`\n\n```\S+\n([\s\S]*?)^```$/gm)].map(
  ([, file = "", code = ""]) => ({ file, code }),
);

test("each block of code in the recipes has its file above it", () => {
  expect(recipes).toHaveLength([...document.matchAll(/^```\S+$/gm)].length);
});

test.for(recipes)("the recipe from $file is what the tests visit", async ({ file, code }) => {
  expect(await readFile(new URL(`./frameworks/sites/${file}`, import.meta.url), "utf8")).toContain(
    code.trimEnd(),
  );
});
