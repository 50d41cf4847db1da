import { execFile } from "node:child_process";
import { basename } from "node:path";

/** A user and group that a child process runs as; null is this process's own. */
export type Account = { uid: number; gid: number } | null;

const OUTPUT_BYTES_MAX = 16 * 1024 * 1024;
const COMPLAINT_CHARACTERS_MAX = 600;

export type RunOptions = {
  timeoutMs: number;
  env: NodeJS.ProcessEnv;
  cwd?: string;
  account?: Account;
};

/**
 * Runs a program to its end and answers what it printed. Rejects, with the end of what it complained of, when it
 * cannot be started, ends with anything but 0, or is killed after `timeoutMs`.
 */
export function run(
  command: string,
  args: readonly string[],
  { timeoutMs, env, cwd, account = null }: RunOptions,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = {
      env,
      timeout: timeoutMs,
      killSignal: "SIGKILL" as const,
      maxBuffer: OUTPUT_BYTES_MAX,
      windowsHide: true,
      ...(cwd === undefined ? {} : { cwd }),
      ...(account ?? {}),
    };
    execFile(command, args, options, (error, stdout, stderr) => {
      if (error === null) return resolve(stdout);
      const said = (stderr.trim() || stdout.trim()).slice(-COMPLAINT_CHARACTERS_MAX);
      const how = error.killed ? `did not end within ${timeoutMs} ms` : said || error.message;
      reject(new Error(`${basename(command)}: ${how}`, { cause: error }));
    });
  });
}
