import { open } from "node:fs/promises";

/** What file systems answer that cannot do it, or need not; Windows opens no folder. */
const CANNOT = new Set(["EINVAL", "EISDIR", "EPERM"]);

/**
 * Has the disk have the names in a folder: a file that is synced is still lost in a power cut when its name is not.
 *
 * @throws where the folder cannot be opened, or its disk fails.
 */
export async function syncFolder(folder: string): Promise<void> {
  try {
    await using handle = await open(folder);
    await handle.sync();
  } catch (error) {
    if (error instanceof Error && "code" in error && CANNOT.has(String(error.code))) return;
    throw error;
  }
}
