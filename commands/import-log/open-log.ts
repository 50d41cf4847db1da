import { open } from "node:fs/promises";
import { UsageError } from "@model-views/shared/runtime/run-command.ts";
import { unpacked } from "./unpacked.ts";

/** A log that is being read. */
export type OpenLog = {
  /** Its text, unpacked; to be read once. */
  chunks: AsyncIterable<Buffer>;
  /** Bytes as they are on disk, packed or not; undefined where nobody knows, as for stdin. */
  bytesTotal: number | undefined;
  /** How many of them have been read. */
  bytesRead: () => number;
};

/**
 * Opens a log; `-` is `stdin`.
 *
 * @throws {UsageError} when there is no such file, or it must not be read.
 */
export async function openLog(file: string, stdin: AsyncIterable<Buffer>): Promise<OpenLog> {
  if (file === "-") return opened(stdin, undefined, false);
  const handle = await open(file).catch((error: unknown) => {
    throw new UsageError(`Cannot open ${file}: ${reasonOf(error)}.`);
  });
  const stats = await handle.stat();
  if (stats.isDirectory()) {
    await handle.close();
    throw new UsageError(`Cannot open ${file}: it is a folder.`);
  }
  return opened(handle.createReadStream(), stats.isFile() ? stats.size : undefined, file.endsWith(".br"));
}

function opened(source: AsyncIterable<Buffer>, bytesTotal: number | undefined, isBrotli: boolean): OpenLog {
  let bytes = 0;
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const chunk of source) {
      bytes += chunk.length;
      yield chunk;
    }
  }
  return { chunks: unpacked(counted(), { isBrotli }), bytesTotal, bytesRead: () => bytes };
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOENT") return "there is no such file";
  if (code === "EACCES" || code === "EPERM") return "it may not be read";
  return error instanceof Error ? error.message : String(error);
}
