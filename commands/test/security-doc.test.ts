import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const root = new URL("../../", import.meta.url);
const text = readFileSync(new URL("docs/security.md", root), "utf8").replaceAll(/\s+/g, " ");

/** Each test file that is named, with the parts of titles that follow it. */
const claims = [...text.matchAll(/`([\w./-]+\.test\.ts)`((?:,? ?“[^”]+”)*)/g)].map(
  ([, file = "", titles = ""]) => ({
    file,
    titles: [...titles.matchAll(/“([^”]+)”/g)].map(([, title = ""]) => title),
  }),
);

test("docs/security.md names a test for its claims", () => {
  expect(claims.length).toBeGreaterThan(25);
  for (const { titles } of claims) expect(titles.length).toBeGreaterThan(0);
});

test.each(claims)("$file has the tests that docs/security.md names: $titles", ({ file, titles }) => {
  expect(existsSync(new URL(file, root))).toBe(true);
  const source = readFileSync(new URL(file, root), "utf8").replaceAll(/\s+/g, " ");
  // A title may hold a case's name: `gives %s the secrets`.
  for (const title of titles) expect(source).toContain(title);
});
