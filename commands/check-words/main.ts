import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { runCommand, UsageError } from "@model-views/shared/runtime/run-command.ts";
import { findWords, isChecked } from "./words.ts";

const help = `
node commands/check-words/main.ts

Finds words that this project does not use, in every source, test and document that git knows, and prints the word to write
instead. commands/check-words/words.ts has the list. npm run lint runs it. Exit code 1 when there are any.`;

/** Bytes of the longest list of files. */
const OUTPUT_BYTES_MAX = 16 * 1024 * 1024;

await runCommand({
  help,
  async main(args) {
    if (args.length > 0) throw new UsageError("check-words takes no arguments");
    const { stdout } = await promisify(execFile)("git", ["ls-files", "-z"], { maxBuffer: OUTPUT_BYTES_MAX });
    const files = stdout.split("\0").filter(isChecked);
    const findings = await Promise.all(files.map(async (file) => findWords(file, await textOf(file))));
    for (const { file, line, word, instead } of findings.flat()) {
      process.stdout.write(`${file}:${line}: "${word}"; write ${instead}\n`);
    }
    if (findings.flat().length > 0) process.exitCode = 1;
  },
});

/** Empty for a file that was deleted, but not yet from git's index. */
async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
    throw error;
  }
}
