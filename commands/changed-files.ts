import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { UsageError } from "@model-views/shared/runtime/run-command.ts";

const exec = promisify(execFile);

/** Bytes of the longest list of files. */
const OUTPUT_BYTES_MAX = 16 * 1024 * 1024;

/** Where a branch starts from, the first of these that is there. */
const MAINS = ["origin/main", "main"];

/**
 * The commit that the current branch has in common with `since`, or else with main. On main itself, without a remote, it
 * is the last commit.
 *
 * @throws {UsageError} where git knows no such commit.
 */
export async function baseCommit(since?: string, folder = process.cwd()): Promise<string> {
  for (const ref of since === undefined ? MAINS : [since]) {
    const base = await git(folder, "merge-base", "HEAD", ref).catch(() => undefined);
    if (base !== undefined) return base.trim();
  }
  throw new UsageError(
    `git finds nothing that HEAD and ${since ?? MAINS.join(" or ")} have in common: name a branch or commit with --since`,
  );
}

/** The files that differ from a commit, whether committed, staged, changed or new; without those that are gone. */
export async function changedFiles(base: string, folder = process.cwd()): Promise<string[]> {
  const [changed, added] = await Promise.all([
    git(folder, "diff", "--name-only", "--diff-filter=d", "--no-renames", "-z", base),
    git(folder, "ls-files", "--others", "--exclude-standard", "-z"),
  ]);
  return [...new Set(`${changed}${added}`.split("\0").filter(Boolean))].sort();
}

async function git(folder: string, ...args: string[]): Promise<string> {
  const { stdout } = await exec("git", args, { cwd: folder, maxBuffer: OUTPUT_BYTES_MAX });
  return stdout;
}
