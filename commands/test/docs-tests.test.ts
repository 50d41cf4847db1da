import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

const root = new URL("../../", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), "utf8").replaceAll(/\s+/g, " ");

/** Each document whose claims are tested, with the least number of test files that it names. */
const DOCUMENTS = [
  ["docs/durability.md", 30],
  ["docs/privacy.md", 25],
  ["docs/security.md", 25],
] as const;

/** Each test file that a text names, with the parts of titles that follow it. */
function claimsOf(text: string): { file: string; titles: string[] }[] {
  return [...text.matchAll(/`([\w./-]+\.test\.ts)`((?:,? ?“[^”]+”)*)/g)].map(
    ([, file = "", titles = ""]) => ({
      file,
      titles: [...titles.matchAll(/“([^”]+)”/g)].map(([, title = ""]) => title),
    }),
  );
}

/** Texts that can be a title or a case of a table: texts in a call or in a row. */
function titlesOf(source: string): string[] {
  return [...source.matchAll(/(?:[\w)]\(|[[,]) ?("(?:[^"\\]|\\.)*"|`[^`]*`)/g)].map(
    ([, title = ""]) => title,
  );
}

/** Each fault and each mutant that a text names: `chaos` and names, or `chaos --mutants` and names. */
function namedIn(text: string, before: string): string[] {
  const lists = text.matchAll(new RegExp(`\`?${before}\`?((?:,? ?\`[a-z-]+\`)+)`, "g"));
  return [...lists].flatMap(([, names = ""]) => [...names.matchAll(/[a-z-]+/g)].map(([name]) => name));
}

describe.each(DOCUMENTS)("%s", (document, filesMin) => {
  const text = read(document);
  const claims = claimsOf(text);

  test("names tests for its claims", () => {
    expect(claims.length).toBeGreaterThanOrEqual(filesMin);
    for (const { file, titles } of claims) expect(titles.length, file).toBeGreaterThan(0);
  });

  test.each(claims)("$file has the tests that are named: $titles", ({ file, titles }) => {
    expect(existsSync(new URL(file, root))).toBe(true);
    // A title may contain the name of a case: `gives %s the secrets`.
    const there = titlesOf(read(file));
    expect(titles.filter((title) => !there.some((text) => text.includes(title)))).toEqual([]);
  });
});

test("docs/durability.md names faults and mutants that exist", () => {
  const text = read("docs/durability.md");
  const [faults, mutants] = [namedIn(text, "chaos"), namedIn(text, "chaos --mutants")];
  expect([faults.length > 10, mutants.length > 5]).toEqual([true, true]);
  const known = read("chaos/src/plan/faults.ts");
  for (const name of faults) expect(known).toContain(`"${name}": {`);
  const sources = ["ingest", "worker", "finalizing", "stats"]
    .map((service) => read(`chaos/src/mutation/${service}-mutants.ts`))
    .join(" ");
  for (const name of mutants) expect(sources).toContain(`name: "${name}"`);
});
