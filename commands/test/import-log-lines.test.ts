import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { gunzipped } from "../import-log/gunzipped.ts";
import { logLines } from "../import-log/log-lines.ts";

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

describe("gunzipped", () => {
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
    ["a single byte", [Buffer.from("a")], "a"],
    ["nothing", [], ""],
  ])("%s", async (_name, chunks, text) => {
    expect(await textOf(gunzipped(chunksOf(...chunks)))).toBe(text);
  });

  test("a gzip file that is cut off is an error", async () => {
    await expect(textOf(gunzipped(chunksOf(packed.subarray(0, -4))))).rejects.toThrow(
      "unexpected end of file",
    );
  });

  test("an error of the source comes through", async () => {
    async function* failing(): AsyncGenerator<Buffer> {
      yield packed.subarray(0, 12);
      throw new Error("disk on fire");
    }
    await expect(textOf(gunzipped(failing()))).rejects.toThrow("disk on fire");
  });
});
