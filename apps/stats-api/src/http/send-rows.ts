import { Readable, type Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { resetWhenCutShort } from "@model-views/shared/http/cut-short.ts";
import type { Response } from "express";

/** Rows of which the first has been read already, so that what it threw could be answered with a problem. */
export type BegunRows<Row> = { first: IteratorResult<Row, undefined>; rest: AsyncGenerator<Row, undefined> };

/** Node's codes of a stream whose other end is gone: while it was written, or before. */
const READER_LEFT = new Set([
  "ERR_STREAM_PREMATURE_CLOSE",
  "ERR_STREAM_UNABLE_TO_PIPE",
  "ERR_STREAM_DESTROYED",
]);

/**
 * Sends rows as fast as the reader reads. A reader who leaves, at whichever moment, is no error; and whatever happens, the
 * rows are ended when this settles, so that they let go of the connection that they are read from. Rows that fail reset the
 * reader's connection, so that nobody takes what there is for all of it.
 *
 * @param transform makes of rows what is sent; without it they are sent as they are.
 */
export async function sendRows<Row>(
  response: Response,
  { first, rest }: BegunRows<Row>,
  { transform, signal }: { transform?: Transform; signal?: AbortSignal } = {},
): Promise<void> {
  const rows = Readable.from(withFirst(first, rest));
  const options = signal === undefined ? {} : { signal };
  resetWhenCutShort(response);
  try {
    await (transform === undefined
      ? pipeline(rows, response, options)
      : pipeline(rows, transform, response, options));
  } catch (error) {
    if (!(error instanceof Error && "code" in error && READER_LEFT.has(String(error.code)))) throw error;
  } finally {
    // Not in the generator below: one that nobody has begun to read runs no `finally`.
    await rest.return(undefined);
  }
}

async function* withFirst<Row>(
  first: IteratorResult<Row, undefined>,
  rest: AsyncGenerator<Row, undefined>,
): AsyncGenerator<Row> {
  if (first.done === true) return;
  yield first.value;
  yield* rest;
}
