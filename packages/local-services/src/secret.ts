import { randomBytes } from "node:crypto";
import { open, readFile, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { syncFolder } from "./sync-folder.ts";

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

/** The secret in `file`, in hex; on the first call a random one, readable by this user alone. */
export async function readOrMakeSecret(file: string): Promise<string> {
  const known = await readSecret(file);
  if (known !== null) return known;
  const secret = randomBytes(SECRET_BYTES).toString("hex");
  // Written aside and renamed, so that a kill in between cannot leave half a secret; on the disk before that, for power cuts,
  // and its name after that: who has the secret by then would be left with one that is nowhere.
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
