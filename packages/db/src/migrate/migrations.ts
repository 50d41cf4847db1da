import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { failureOf } from "../postgres/failure.ts";
import { type Ask, sql } from "../postgres/sql.ts";
import { MIGRATIONS_TABLE } from "./tables.ts";

/** Where drizzle-kit writes the migrations, and their list in `meta/_journal.json`. */
export const MIGRATIONS_FOLDER = fileURLToPath(new URL("../../migrations", import.meta.url));

const journalSchema = z.object({ entries: z.array(z.object({ tag: z.string(), when: z.int() })) });

export type Migration = {
  /** Its name, such as `0000_initial`. */
  tag: string;
  statements: string[];
  /** SHA-256 of its file, in hexadecimal digits. */
  hash: string;
  /** When drizzle-kit wrote it, in milliseconds since 1970. */
  when: number;
};

/** The migrations of a folder, in the order in which a new database gets them. */
export function readMigrations(folder = MIGRATIONS_FOLDER): Migration[] {
  const journal = readFileSync(join(folder, "meta", "_journal.json"), "utf8");
  return journalSchema.parse(JSON.parse(journal)).entries.map(({ tag, when }) => {
    const text = readFileSync(join(folder, `${tag}.sql`), "utf8");
    const hash = createHash("sha256").update(text).digest("hex");
    return { tag, when, hash, statements: text.split("--> statement-breakpoint") };
  });
}

/**
 * Which of the migrations did not run in this schema? Reads the list of those that ran.
 *
 * Not those later than the last that ran, as Drizzle has it: a migration of another branch may be older, and merged later. One
 * with the text or the time of a listed one did run. Time alone decides for databases from before the first release, when texts
 * were still changed.
 */
export async function withoutApplied(ask: Ask, migrations: readonly Migration[]): Promise<Migration[]> {
  const { rows } = await ask<{ hash: string; when: number }>(
    sql`select hash, created_at::float8 as "when" from ${sql.identifier(MIGRATIONS_TABLE)}`,
  );
  const ran = new Set(rows.flatMap(({ hash, when }) => [hash, when]));
  return migrations.filter(({ hash, when }) => !ran.has(hash) && !ran.has(when));
}

/** SQLSTATE of a table that may not be read, or does not exist. */
const UNREADABLE = /^42(501|P01)$/;

let ours: Migration[] | undefined;

/**
 * Resolves when all migrations of this version ran, or when the list of those that ran cannot be read. Migrations that are added
 * while the process runs do not count.
 *
 * @throws with the names of those that did not run.
 */
export async function requireMigrations(ask: Ask): Promise<void> {
  ours ??= readMigrations();
  const missing = await withoutApplied(ask, ours).catch((error: unknown) => {
    if (UNREADABLE.test(failureOf(error).sqlstate ?? "")) return [];
    throw error;
  });
  if (missing.length === 0) return;
  const names = missing.map(({ tag }) => tag).join(", ");
  throw new Error(`the database lacks migrations of this version (${names}): npm run migrate`);
}
