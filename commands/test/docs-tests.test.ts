import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

const root = new URL("../../", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), "utf8").replaceAll(/\s+/g, " ");

/** Each document whose claims are tried, with how many files of tests it names at least. */
const DOCUMENTS = [
  ["docs/durability.md", 30],
  ["docs/privacy.md", 25],
  ["docs/security.md", 25],
] as const;

/** Each test file that is named, with the parts of titles that follow it. */
function claimsOf(text: string): { file: string; titles: string[] }[] {
  return [...text.matchAll(/`([\w./-]+\.test\.ts)`((?:,? ?“[^”]+”)*)/g)].map(
    ([, file = "", titles = ""]) => ({
      file,
      titles: [...titles.matchAll(/“([^”]+)”/g)].map(([, title = ""]) => title),
    }),
  );
}

/** What can be a title, or a case of a table: a text in a call or in a row. */
function titlesOf(source: string): string[] {
  return [...source.matchAll(/(?:[\w)]\(|[[,]) ?("(?:[^"\\]|\\.)*"|`[^`]*`)/g)].map(
    ([, title = ""]) => title,
  );
}

/** Each fault and each mutant that is named: `chaos` and names, or `chaos --mutants` and names. */
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
    // A title may hold a case's name: `gives %s the secrets`.
    const there = titlesOf(read(file));
    expect(titles.filter((title) => !there.some((text) => text.includes(title)))).toEqual([]);
  });
});

test("docs/durability.md names faults and mutants that there are", () => {
  const text = read("docs/durability.md");
  const [faults, mutants] = [namedIn(text, "chaos"), namedIn(text, "chaos --mutants")];
  expect([faults.length > 10, mutants.length > 5]).toEqual([true, true]);
  const known = read("chaos/src/plan/faults.ts");
  for (const name of faults) expect(known).toContain(`"${name}": {`);
  const sources = ["ingest", "worker", "stats"]
    .map((service) => read(`chaos/src/mutation/${service}-mutants.ts`))
    .join(" ");
  for (const name of mutants) expect(sources).toContain(`name: "${name}"`);
});
