import { createRequire } from "node:module";
import type * as Roaring from "roaring-wasm";

/** Bytes of bitmaps that are united before other work of the process has its turn: under a millisecond. */
const BYTES_AT_ONCE = 256 * 1024;

/** Bitmaps likewise: each costs some 10 µs, however small it is. */
const BITMAPS_AT_ONCE = 100;

/**
 * Different viewers, by their numbers (`viewer_numbers`): a Roaring bitmap, stored in the portable format
 * (https://github.com/RoaringBitmap/RoaringFormatSpec). Its memory is outside of JavaScript's: declare it with `using`.
 */
export type Audience = Disposable & {
  /** How many viewers. */
  readonly size: number;
  /** Adds the viewers of another audience, as {@link toBytes} wrote it. */
  add(bytes: Uint8Array): void;
  /** Adds viewers by their numbers. */
  addNumbers(numbers: Uint32Array): void;
  /** Adds the viewers of another audience. */
  unite(other: Audience): void;
  /** Removes the viewers who are not in another audience. */
  intersect(other: Audience): void;
  /** How many viewers are in both. */
  sizeOfBoth(other: Audience): number;
  equals(other: Audience): boolean;
  toBytes(): Buffer;
};

type Library = typeof Roaring;

let library: Promise<Library> | undefined;

/** Loaded when first needed: 0.7 MB of WebAssembly, which the recording does without. */
async function loadRoaring(): Promise<Library> {
  const require = createRequire(import.meta.url);
  const roaring = require("roaring-wasm") as Library;
  await roaring.roaringLibraryInitialize();
  return roaring;
}

/** Bitmaps, and their bytes, that wait to be united at once: one by one takes twice the time. */
const WAITING_MAX = 64;
const WAITING_BYTES_MAX = 1024 * 1024;

/** The bitmap behind an audience, for operations on two of them. */
const bitmaps = new WeakMap<Audience, () => Roaring.RoaringBitmap32>();

function bitmapOf(audience: Audience): Roaring.RoaringBitmap32 {
  const bitmap = bitmaps.get(audience);
  if (bitmap === undefined) throw new Error("an audience of another maker");
  return bitmap();
}

/** Makes audiences, which begin empty. Loads the library when it is called for the first time. */
export async function openAudiences(): Promise<() => Audience> {
  library ??= loadRoaring();
  const { RoaringBitmap32 } = await library;
  return () => {
    let united = new RoaringBitmap32();
    let waiting: Roaring.RoaringBitmap32[] = [];
    let waitingBytes = 0;
    const bitmap = () => {
      if (waiting.length === 0) return united;
      const parts = [united, ...waiting];
      [united, waiting, waitingBytes] = [RoaringBitmap32.orMany(parts), [], 0];
      for (const part of parts) part.dispose();
      return united;
    };
    const audience: Audience = {
      get size() {
        return bitmap().size;
      },
      add(bytes) {
        waiting.push(RoaringBitmap32.deserialize(bytes, "portable"));
        waitingBytes += bytes.length;
        if (waiting.length === WAITING_MAX || waitingBytes >= WAITING_BYTES_MAX) bitmap();
      },
      addNumbers: (numbers) => void bitmap().addMany(numbers),
      unite: (other) => void bitmap().orInPlace(bitmapOf(other)),
      intersect: (other) => bitmap().andInPlace(bitmapOf(other)),
      sizeOfBoth: (other) => bitmap().andCardinality(bitmapOf(other)),
      equals: (other) => bitmap().isEqual(bitmapOf(other)),
      toBytes() {
        bitmap().runOptimize();
        return Buffer.from(bitmap().serialize("portable"));
      },
      [Symbol.dispose]() {
        for (const part of [united, ...waiting]) part.dispose();
      },
    };
    bitmaps.set(audience, bitmap);
    return audience;
  };
}

/** Numbers as PostgreSQL's `int4send` writes them (big-endian), one after the other, as this machine has them. */
export function numbersOf(bytes: Buffer): Uint32Array {
  const { buffer } = new Uint8Array(bytes);
  Buffer.from(buffer).swap32();
  return new Uint32Array(buffer);
}

/** Gives other work of the process its turn, each time when enough was united. */
export function createPauses(): (bytes: number) => Promise<void> {
  let [united, count] = [0, 0];
  return async (bytes) => {
    united += bytes;
    count += 1;
    if (united < BYTES_AT_ONCE && count < BITMAPS_AT_ONCE) return;
    [united, count] = [0, 0];
    await new Promise((resolve) => setImmediate(resolve));
  };
}
