import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * The salt of viewers' identifiers where the environment gives none: made up at the first start and kept beside
 * the data, because with another salt every viewer would be a new one.
 */
export async function keptSalt(dataDir: string): Promise<string> {
  const file = join(dataDir, "viewer-id-salt");
  try {
    return (await readFile(file, "utf8")).trim();
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
  }
  const salt = randomBytes(32).toString("hex");
  await writeFile(file, `${salt}\n`, { mode: 0o600 });
  return salt;
}
