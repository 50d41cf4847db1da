import { pipeline, Readable, type Transform } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from "node:zlib";

type Packing = { magic: Buffer; unpack: () => Transform };

const ZSTD: Packing = { magic: Buffer.of(0x28, 0xb5, 0x2f, 0xfd), unpack: createZstdDecompress };

/** What is unpacked, by how it begins: a name may lie, and stdin has none. */
const PACKINGS: readonly Packing[] = [
  { magic: Buffer.of(0x1f, 0x8b), unpack: createGunzip },
  ZSTD,
  ...[0x01, 0x9c, 0xda].map((level) => ({ magic: Buffer.of(0x78, level), unpack: createInflate })),
];

/** What Node cannot unpack, and what can. */
const FOREIGN: readonly (readonly [magic: Buffer, what: string, unpack: string])[] = [
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
/** Where a tar archive says that it is one, and what. */
const TAR_OFFSET = 257;
const TAR_MAGIC = Buffer.from("ustar");

/**
 * A log's text as UTF-8 (or in bytes of its own), unpacked if it begins as gzip, zstd or deflate does; brotli, which has no
 * beginning of its own, when the file is called so.
 *
 * @throws saying how to unpack it, where Node cannot: bzip2, xz, zip, 7z, lz4 and tar archives.
 */
export async function* unpacked(
  chunks: AsyncIterable<Buffer>,
  { isBrotli = false }: { isBrotli?: boolean } = {},
): AsyncGenerator<Buffer> {
  const { head, all } = await begun(chunks, MAGIC_BYTES);
  for (const [magic, what, unpack] of FOREIGN) {
    if (startsWith(head, magic)) throw new Error(`it is packed with ${what}; ${pipeAdvice(unpack)}`);
  }
  const packing = isBrotli
    ? { magic: Buffer.alloc(0), unpack: createBrotliDecompress }
    : PACKINGS.find(({ magic }) => startsWith(head, magic));
  yield* asUtf8(refuseTar(packing === undefined ? all : unpackedBy(packing, all)));
}

function pipeAdvice(unpack: string): string {
  return `unpack it first: ${unpack} FILE | npm run import-log -- -`;
}

async function* unpackedBy(packing: Packing, chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let bytes = 0;
  async function* counted() {
    for await (const chunk of chunks) {
      bytes += chunk.length;
      yield chunk;
    }
  }
  const unpack = packing.unpack();
  // Both ends' errors come out of the iteration below; the callback has nothing to add.
  pipeline(Readable.from(counted()), unpack, () => {});
  yield* unpack as AsyncIterable<Buffer>;
  // Node ends with the first zstd frame, and says nothing of the others.
  const read = "bytesWritten" in unpack ? Number(unpack.bytesWritten) : bytes;
  if (packing === ZSTD && read < bytes) {
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

/** The first bytes, as many as there are of so many, and all of them again. */
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
