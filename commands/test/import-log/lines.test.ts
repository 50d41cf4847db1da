import { Readable } from "node:stream";
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { logLines } from "../../import-log/log-lines.ts";
import { unpacked } from "../../import-log/open-log.ts";

function chunksOf(...chunks: (string | Buffer)[]): AsyncIterable<Buffer> {
  return Readable.from(chunks.map((chunk) => Buffer.from(chunk)));
}

async function allOf<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

async function textOf(chunks: AsyncIterable<Buffer>): Promise<string> {
  return Buffer.concat(await allOf(chunks)).toString();
}

describe("logLines", () => {
  test.each([
    ["lines that fit a chunk", ["a\nb\n"], ["a", "b"]],
    ["a line across three chunks", ["a", "b", "c\nd\n"], ["abc", "d"]],
    ["a character across two chunks", [Buffer.of(0xc3), Buffer.of(0xa9, 10)], ["é"]],
    ["a newline at the start of a chunk", ["a", "\nb"], ["a", "b"]],
    ["a last line without newline", ["a\nb"], ["a", "b"]],
    ["empty lines count", ["a\n\nb\n"], ["a", "", "b"]],
    ["Windows line ends, and a byte order mark", ["\uFEFFa\r\nb\r\n"], ["a", "b"]],
    [
      "bytes that are not UTF-8 stay different",
      [Buffer.from("caf\xe9\ncaf\xe8\n", "latin1")],
      ["caf\\xe9", "caf\\xe8"],
    ],
    ["UTF-8 beside them is read", [Buffer.from([0xc3, 0xa9, 0xff, 0xc3]), "\n"], ["é\\xff\\xc3"]],
    ["nothing", [], []],
  ])("%s", async (_name, chunks, lines) => {
    const found = await allOf(logLines(chunksOf(...chunks)));
    expect(found).toEqual(lines.map((text, index) => ({ number: index + 1, text, isWhole: true })));
  });

  test("a line that is too long keeps its beginning, and the next one is whole", async () => {
    const found = await allOf(logLines(chunksOf("abc", "def\n", "abcd\n"), { lineBytesMax: 4 }));
    expect(found).toEqual([
      { number: 1, text: "abcd", isWhole: false },
      { number: 2, text: "abcd", isWhole: true },
    ]);
  });
});

describe("unpacked", () => {
  const packed = gzipSync("a\nb\n");

  test.each([
    ["plain text stays as it is", [Buffer.from("a\nb\n")], "a\nb\n"],
    ["gzip is unpacked", [packed], "a\nb\n"],
    ["the magic bytes come one by one", [packed.subarray(0, 1), packed.subarray(1)], "a\nb\n"],
    [
      "several gzip files after one another, as log rotation leaves them",
      [packed, gzipSync("c\n")],
      "a\nb\nc\n",
    ],
    ["zstd", [zstdCompressSync("a\nb\n")], "a\nb\n"],
    ["deflate", [deflateSync("a\nb\n")], "a\nb\n"],
    ["UTF-16 of Windows", [Buffer.from("\uFEFFa\né\n", "utf16le")], "a\né\n"],
    ["UTF-16 the other way round", [Buffer.from("\uFEFFa\né\n", "utf16le").swap16()], "a\né\n"],
    ["UTF-16 in gzip", [gzipSync(Buffer.from("\uFEFFa\n", "utf16le"))], "a\n"],
    ["a single byte", [Buffer.from("a")], "a"],
    ["nothing", [], ""],
  ])("%s", async (_name, chunks, text) => {
    expect(await textOf(unpacked(chunksOf(...chunks)))).toBe(text);
  });

  test("a gzip file that is cut off is an error", async () => {
    await expect(textOf(unpacked(chunksOf(packed.subarray(0, -4))))).rejects.toThrow(
      "unexpected end of file",
    );
  });

  test("brotli is unpacked where the file name says so", async () => {
    expect(await textOf(unpacked(chunksOf(brotliCompressSync("a\nb\n")), { isBrotli: true }))).toBe("a\nb\n");
  });

  const tar = Buffer.alloc(512);
  tar.write("ustar", 257);
  test.each([
    ["bzip2", Buffer.from("BZh91AY&SY"), "bzip2 -dc FILE | npm run import-log -- -"],
    ["xz", Buffer.from("fd377a585a000004", "hex"), "xz -dc FILE"],
    ["zip", Buffer.from("PK\u0003\u0004..."), "unzip -p FILE"],
    ["lz4", Buffer.from("04224d18", "hex"), "lz4 -dc FILE"],
    ["tar", tar, "tar -xOf FILE"],
    ["a tar archive in gzip", gzipSync(tar), "tar -xOf FILE"],
    [
      "a second zstd frame",
      Buffer.concat([zstdCompressSync("a\n"), zstdCompressSync("b\n")]),
      "zstd -dc FILE",
    ],
  ])("%s is refused with the command that unpacks it", async (_name, bytes, advice) => {
    await expect(textOf(unpacked(chunksOf(bytes)))).rejects.toThrow(advice);
  });

  test("an error of the source comes through", async () => {
    async function* failing(): AsyncGenerator<Buffer> {
      yield packed.subarray(0, 12);
      throw new Error("disk on fire");
    }
    await expect(textOf(unpacked(failing()))).rejects.toThrow("disk on fire");
  });
});
