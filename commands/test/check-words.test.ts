import { execFile, execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { findWords, isChecked } from "../check-words/words.ts";

const MAIN = fileURLToPath(new URL("../check-words/main.ts", import.meta.url));

const wordsIn = (text: string, file = "a.ts") => findWords(file, text).map(({ word }) => word);

describe("the words that the project does not use", () => {
  test.each([
    ["Whoever asks gets whatever there is", ["Whoever"]],
    ["// for whomever", ["whomever"]],
    ["nobody waits, and somebody reads", ["nobody"]],
    ["a port of its own", ["of its own"]],
    ["folders of their own", ["of their own"]],
    ["housekeeping; it keeps the house", ["housekeeping"]],
    ["the days are sealed", ["sealed"]],
    ["await sealViewers(unsealed)", ["sealViewers"]],
    ["isSealed", ["isSealed"]],
    ["views that it took back", ["took back"]],
    ["takeBack(views)", ["takeBack"]],
    ["then lets go of it", ["lets go"]],
    ["lock.letGo()", ["letGo"]],
    ["judgeOrigin(request)", ["judgeOrigin"]],
    ["type Asker = string", ["Asker"]],
    ["export type HasKey", ["HasKey"]],
    ["stampView(view)", ["stampView"]],
    ["a run with sabotage", ["sabotage"]],
    ["it has defects", ["defects"]],
    ["createTally()", ["createTally"]],
    ["createAnswerOnce()", ["createAnswerOnce"]],
    ["import { atMost }", ["atMost"]],
    ["skip-failing.ts", ["skip-failing"]],
    ["an allowance of 5", ["allowance"]],
    ["const facts = read()", ["facts"]],
  ])("are found in %j", (text, words) => {
    expect(wordsIn(text)).toEqual(words);
  });

  test.each([
    "a timestamp, timestamptz, timeStamp and Timestamp",
    "conceal, totally, at most",
    'runs as `nobody`, user "nobody"',
    '["seal-viewers", "finalize-viewers"], ["take-back", "redrive"]',
    "npm run chaos -- --sabotage is another name of --mutants",
    "it takes the lock, and lets go on",
  ])("are not found in %j", (text) => {
    expect(wordsIn(text)).toEqual([]);
  });

  test("are found with file, line and the word to use, once a line for each rule", () => {
    expect(findWords("docs/a.md", "one\ntwo seals, and a seal\n")).toEqual([
      { file: "docs/a.md", line: 2, word: "seals", instead: "finalize, finalized, open" },
    ]);
  });

  test("about identifiers are not looked for in documents", () => {
    expect(wordsIn("the facts", "docs/a.md")).toEqual([]);
  });
});

test.each([
  ["apps/worker/src/app.ts", true],
  ["packages/client/test/react.test.tsx", true],
  ["docs/adr/0001-a.md", true],
  [".github/workflows/ci.yml", true],
  [".env.example", true],
  ["pnpm-lock.yaml", false],
  ["packages/db/migrations/0001_a.sql", false],
  ["packages/client/test/frameworks/sites/astro/src/a.ts", false],
  ["docs/picture.png", false],
])("%s is checked: %s", (file, expected) => {
  expect(isChecked(file)).toBe(expected);
});

test("the command reads the files that git knows, prints where the words are, and fails", async () => {
  const folder = await mkdtemp(join(tmpdir(), "check-words-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const run = () =>
    new Promise<{ code: unknown; stdout: string }>((resolve) => {
      execFile(process.execPath, [MAIN], { cwd: folder }, (error, stdout) =>
        resolve({ code: error === null ? 0 : error.code, stdout }),
      );
    });
  execFileSync("git", ["init", "--quiet"], { cwd: folder });
  await mkdir(join(folder, "docs"));
  await writeFile(join(folder, "docs/good.md"), "maintenance\n");
  await writeFile(join(folder, "docs/new.md"), "housekeeping\n");
  execFileSync("git", ["add", "docs/good.md"], { cwd: folder });
  expect(await run()).toEqual({ code: 0, stdout: "" });
  execFileSync("git", ["add", "docs/new.md"], { cwd: folder });
  expect(await run()).toEqual({ code: 1, stdout: 'docs/new.md:1: "housekeeping"; write maintenance\n' });
});
