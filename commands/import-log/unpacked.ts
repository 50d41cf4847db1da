import { pipeline, Readable } from "node:stream";
import { createGunzip } from "node:zlib";

const MAGIC = Buffer.of(0x1f, 0x8b);

/** The same bytes, unpacked if they begin as gzip does: a name may lie, and stdin has none. */
export async function* gunzipped(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const iterator = chunks[Symbol.asyncIterator]();
  let head = Buffer.alloc(0);
  while (head.length < MAGIC.length) {
    const { value, done } = await iterator.next();
    if (done === true) break;
    head = Buffer.concat([head, value]);
  }
  const all = continued(head, iterator);
  if (!head.subarray(0, MAGIC.length).equals(MAGIC)) return yield* all;

  const gunzip = createGunzip();
  // Both ends' errors come out of the iteration below; the callback has nothing to add.
  pipeline(Readable.from(all), gunzip, () => {});
  yield* gunzip as AsyncIterable<Buffer>;
}

async function* continued(head: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  if (head.length > 0) yield head;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}
