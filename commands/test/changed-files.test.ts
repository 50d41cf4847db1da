import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test as base, expect } from "vitest";
import { baseCommit, changedFiles } from "../check/changed-files.ts";

type Repository = {
  folder: string;
  git(...args: string[]): string;
  write(name: string, text?: string): Promise<void>;
};

/** A repository with the branch main and a commit on it, without the git settings of this machine. */
const test = base.extend<{ repository: Repository }>({
  repository: async ({ task: _ }, use) => {
    const folder = await mkdtemp(join(tmpdir(), "changed-files-"));
    const names = {
      GIT_AUTHOR_NAME: "a",
      GIT_AUTHOR_EMAIL: "a",
      GIT_COMMITTER_NAME: "a",
      GIT_COMMITTER_EMAIL: "a",
    };
    const env = { ...process.env, ...names, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null" };
    const git = (...args: string[]) =>
      execFileSync("git", args, { cwd: folder, env, encoding: "utf8", stdio: "pipe" }).trim();
    const write = (name: string, text = name) => writeFile(join(folder, name), text);
    git("init", "--initial-branch=main");
    for (const name of ["kept", "committed", "staged", "changed", "deleted"]) await write(name);
    await write(".gitignore", "ignored");
    git("add", ".");
    git("commit", "--message=first");
    await use({ folder, git, write });
    await rm(folder, { recursive: true });
  },
});

test("files that differ from main are those committed since, staged, changed and new, not those that were deleted", async ({
  repository: { folder, git, write },
}) => {
  git("switch", "--create", "work");
  await write("committed", "1");
  git("commit", "--all", "--message=second");
  await write("staged", "1");
  git("add", "staged");
  await write("changed", "1");
  for (const name of ["new one", "ignored"]) await write(name);
  await rm(join(folder, "deleted"));
  const since = await baseCommit(undefined, folder);
  expect(since).toBe(git("rev-parse", "main"));
  expect(await changedFiles(since, folder)).toEqual(["changed", "committed", "new one", "staged"]);
});

test("what others committed to main since is not a change of this branch", async ({
  repository: { folder, git, write },
}) => {
  git("switch", "--create", "work");
  git("switch", "main");
  await write("kept", "1");
  git("commit", "--all", "--message=of others");
  git("switch", "work");
  expect(await changedFiles(await baseCommit(undefined, folder), folder)).toEqual([]);
});

test("a commit can be named; an error names one that does not exist", async ({
  repository: { folder, git },
}) => {
  expect(await baseCommit("HEAD", folder)).toBe(git("rev-parse", "HEAD"));
  await expect(baseCommit("elsewhere", folder)).rejects.toThrow(/HEAD and elsewhere .* --since/);
});
