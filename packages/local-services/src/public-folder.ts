import { chmod, lstat, mkdir } from "node:fs/promises";

/**
 * Where root keeps what the account that runs PostgreSQL must reach, when it lies out of that account's sight.
 * Not /var/tmp: there systemd may delete files that were not touched for 30 days, and anyone may plant a folder.
 */
export const PUBLIC_FOLDER = "/var/lib/model-views";

/**
 * Makes a folder of root's that others may pass through but not list. Rejects when what is there already could have
 * been put there, or could be changed, by anyone but root.
 */
export async function makeRootFolder(folder: string): Promise<void> {
  const made = await mkdir(folder, { recursive: true, mode: 0o711 });
  // The mode given to mkdir is cut by the umask.
  if (made !== undefined) await chmod(folder, 0o711);
  const found = await lstat(folder);
  if (!found.isDirectory() || found.uid !== 0 || (found.mode & 0o022) !== 0) {
    throw new Error(`${folder} is not a folder that root alone can change: remove it, or set DATABASE_URL`);
  }
}
