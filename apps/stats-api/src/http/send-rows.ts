import { Readable, type Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { resetWhenCutShort } from "@model-views/shared/http/cut-short.ts";
import type { Response } from "express";

/** Rows whose first one has been read, so that an error of reading it could be answered with a problem. */
export type BegunRows<Row> = { first: IteratorResult<Row, undefined>; rest: AsyncGenerator<Row, undefined> };

/** Node's codes for a stream whose other end is gone, before or during writing. */
const READER_LEFT = new Set([
  "ERR_STREAM_PREMATURE_CLOSE",
  "ERR_STREAM_UNABLE_TO_PIPE",
  "ERR_STREAM_DESTROYED",
]);

/**
 * Sends rows as fast as the reader reads. A reader who leaves is no error. When this settles, the rows are ended in every
 * case, which releases the connection that they are read from. When reading a row fails, the reader's connection is reset,
 * so that half an answer is not taken for all of it.
 *
 * @param transform turns rows into what is sent; without it they are sent as they are.
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
    // Not in the generator below: a generator that has not been started runs no `finally`.
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
