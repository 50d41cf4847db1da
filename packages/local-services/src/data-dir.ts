import { randomBytes } from "node:crypto";
import { mkdir, open, readFile, realpath, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Makes DATA_DIR when it is missing, for this user alone, and returns its real path. For root, other users may pass
 * through it, because PostgreSQL runs as one of them; they may list nothing, and each file in it is closed to them.
 */
export async function makeDataDir(dataDir: string): Promise<string> {
  await mkdir(dataDir, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 });
  return realpath(dataDir);
}

const SECRET_BYTES = 32;

/** The secret in `file`; null when there is none. */
export async function readSecret(file: string): Promise<string | null> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    if (error.code !== "EACCES") throw error;
    throw new Error(`${file} belongs to another user: start this as that user, or choose another DATA_DIR`);
  });
  return text.trim() || null;
}

/**
 * The secret in `file`, in hex. The first call makes a random one, readable by this user alone. A kill cannot leave half
 * a secret, and a power cut cannot lose one that is in use: it is on the disk, with its name, before it is returned.
 */
export async function readOrMakeSecret(file: string): Promise<string> {
  const found = await readSecret(file);
  if (found !== null) return found;
  const secret = randomBytes(SECRET_BYTES).toString("hex");
  const aside = `${file}.new`;
  await rm(aside, { force: true });
  const written = await open(aside, "wx", 0o600);
  try {
    await written.writeFile(`${secret}\n`);
    await written.sync();
  } finally {
    await written.close();
  }
  await rename(aside, file);
  await syncFolder(dirname(file));
  return secret;
}

/** The answers of file systems that cannot sync a folder, or need not. */
const CANNOT_SYNC = new Set(["EINVAL", "EISDIR", "EPERM"]);

/**
 * Writes the names in a folder to the disk: in a power cut, a file that is synced is still lost when its name is not.
 *
 * @throws when the folder cannot be opened, or its disk fails.
 */
export async function syncFolder(folder: string): Promise<void> {
  try {
    await using handle = await open(folder);
    await handle.sync();
  } catch (error) {
    if (!CANNOT_SYNC.has(String((error as NodeJS.ErrnoException).code))) throw error;
  }
}
