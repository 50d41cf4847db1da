import { open } from "node:fs/promises";
import { pipeline, Readable, type Transform } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from "node:zlib";
import { UsageError } from "@model-views/shared/runtime/run-command.ts";

/** A log that is being read. */
export type OpenLog = {
  /** Its text, unpacked; can be read once. */
  chunks: AsyncIterable<Buffer>;
  /** Bytes on the disk, packed or not; undefined where the size is unknown, as for stdin. */
  bytesTotal: number | undefined;
  /** How many of them have been read. */
  bytesRead: () => number;
};

/**
 * Opens a log; `-` is `stdin`.
 *
 * @throws {UsageError} when there is no such file, or it may not be read.
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
  const { chunks, bytes } = counted(source);
  return { chunks: unpacked(chunks, { isBrotli }), bytesTotal, bytesRead: bytes };
}

/** The same chunks, and how many bytes of them have been read. */
function counted(source: AsyncIterable<Buffer>): { chunks: AsyncIterable<Buffer>; bytes: () => number } {
  let bytes = 0;
  async function* chunks(): AsyncGenerator<Buffer> {
    for await (const chunk of source) {
      bytes += chunk.length;
      yield chunk;
    }
  }
  return { chunks: chunks(), bytes: () => bytes };
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOENT") return "there is no such file";
  if (code === "EACCES" || code === "EPERM") return "it may not be read";
  return error instanceof Error ? error.message : String(error);
}

type Packing = { magic: Buffer; unpack: () => Transform };

const ZSTD: Packing = { magic: Buffer.of(0x28, 0xb5, 0x2f, 0xfd), unpack: createZstdDecompress };

/** Formats that are unpacked, by their first bytes: a file's name may be wrong, and stdin has no name. */
const PACKINGS: readonly Packing[] = [
  { magic: Buffer.of(0x1f, 0x8b), unpack: createGunzip },
  ZSTD,
  ...[0x01, 0x9c, 0xda].map((level) => ({ magic: Buffer.of(0x78, level), unpack: createInflate })),
];

/** Formats that Node cannot unpack, and the command that can. */
const FOREIGN: readonly (readonly [magic: Buffer, format: string, command: string])[] = [
  [Buffer.from("BZh"), "bzip2", "bzip2 -dc"],
  [Buffer.of(0xfd, 0x37, 0x7a, 0x58, 0x5a), "xz", "xz -dc"],
  [Buffer.of(0x50, 0x4b, 0x03, 0x04), "zip", "unzip -p"],
  [Buffer.of(0x37, 0x7a, 0xbc, 0xaf), "7z", "7z x -so"],
  [Buffer.of(0x04, 0x22, 0x4d, 0x18), "lz4", "lz4 -dc"],
];

/** Byte order marks of UTF-16. */
const UTF_16: readonly (readonly [mark: Buffer, encoding: string])[] = [
  [Buffer.of(0xff, 0xfe), "utf-16le"],
  [Buffer.of(0xfe, 0xff), "utf-16be"],
];

const MAGIC_BYTES = 5;
/** Where a tar archive has its magic bytes, and which these are. */
const TAR_OFFSET = 257;
const TAR_MAGIC = Buffer.from("ustar");

/**
 * A log's text as UTF-8 (or in any other encoding that is not UTF-16), unpacked if it begins as gzip, zstd or deflate
 * does. Brotli has no magic bytes: it is unpacked with `isBrotli`.
 *
 * @throws an error with the command that unpacks it, for bzip2, xz, zip, 7z, lz4 and tar archives.
 */
export async function* unpacked(
  chunks: AsyncIterable<Buffer>,
  { isBrotli = false }: { isBrotli?: boolean } = {},
): AsyncGenerator<Buffer> {
  const { head, all } = await begun(chunks, MAGIC_BYTES);
  for (const [magic, format, command] of FOREIGN) {
    if (startsWith(head, magic)) throw new Error(`it is packed with ${format}; ${pipeAdvice(command)}`);
  }
  const packing = isBrotli
    ? { magic: Buffer.alloc(0), unpack: createBrotliDecompress }
    : PACKINGS.find(({ magic }) => startsWith(head, magic));
  yield* asUtf8(refuseTar(packing === undefined ? all : unpackedBy(packing, all)));
}

function pipeAdvice(command: string): string {
  return `unpack it first: ${command} FILE | npm run import-log -- -`;
}

async function* unpackedBy(packing: Packing, packed: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const { chunks, bytes } = counted(packed);
  const unpack = packing.unpack();
  // The errors of both ends come out of the iteration below; the callback has nothing to add.
  pipeline(Readable.from(chunks), unpack, () => {});
  yield* unpack as AsyncIterable<Buffer>;
  // Node stops after the first zstd frame, without an error for those that follow.
  const read = "bytesWritten" in unpack ? Number(unpack.bytesWritten) : bytes();
  if (packing === ZSTD && read < bytes()) {
    throw new Error(
      `it has several zstd frames, of which only the first was read; ${pipeAdvice("zstd -dc")}`,
    );
  }
}

async function* refuseTar(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const { head, all } = await begun(chunks, TAR_OFFSET + TAR_MAGIC.length);
  if (startsWith(head.subarray(TAR_OFFSET), TAR_MAGIC)) {
    throw new Error(`it is a tar archive; ${pipeAdvice("tar -xOf")}`);
  }
  yield* all;
}

async function* asUtf8(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const { head, all } = await begun(chunks, 2);
  const [, encoding] = UTF_16.find(([mark]) => startsWith(head, mark)) ?? [];
  if (encoding === undefined) return yield* all;
  const decoder = new TextDecoder(encoding);
  for await (const chunk of all) yield Buffer.from(decoder.decode(chunk, { stream: true }));
  yield Buffer.from(decoder.decode());
}

function startsWith(bytes: Buffer, magic: Buffer): boolean {
  return bytes.subarray(0, magic.length).equals(magic);
}

/** The first bytes, `bytesMin` or as many as there are, and all chunks from the beginning. */
async function begun(
  chunks: AsyncIterable<Buffer>,
  bytesMin: number,
): Promise<{ head: Buffer; all: AsyncIterable<Buffer> }> {
  const iterator = chunks[Symbol.asyncIterator]();
  let head = Buffer.alloc(0);
  while (head.length < bytesMin) {
    const { value, done } = await iterator.next();
    if (done === true) break;
    head = Buffer.concat([head, value]);
  }
  return { head, all: continued(head, iterator) };
}

async function* continued(head: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  if (head.length > 0) yield head;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}
