import { setMaxListeners } from "node:events";
import type { ServerResponse } from "node:http";
import type { ErrorRequestHandler } from "express";

/** The reader has closed the connection before the answer. */
export class ReaderLeftError extends Error {
  override name = "ReaderLeftError";

  constructor() {
    super("the reader left before the answer");
  }
}

const readers = new WeakMap<ServerResponse, AbortSignal>();

/** A signal that aborts with a {@link ReaderLeftError} when the connection closes before the answer is sent. */
export function readerOf(response: ServerResponse): AbortSignal {
  const known = readers.get(response);
  if (known !== undefined) return known;
  const leaving = new AbortController();
  // One request may ask several questions.
  setMaxListeners(0, leaving.signal);
  const left = () => {
    if (!response.writableFinished) leaving.abort(new ReaderLeftError());
  };
  if (response.closed) left();
  else response.once("close", left);
  readers.set(response, leaving.signal);
  return leaving.signal;
}

/** Leaves requests alone whose reader has left: no answer can be sent, and nothing has failed. */
export function ignoreReadersWhoLeft(): ErrorRequestHandler {
  return (error: unknown, _request, _response, next) => {
    if (!(error instanceof ReaderLeftError)) next(error);
  };
}
