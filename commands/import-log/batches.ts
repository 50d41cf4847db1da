import type { LoggedView } from "./logged-views.ts";

/** Views to be posted together, and the body that posts them. */
export type Batch = { views: LoggedView[]; body: string };

/** `backfill` lets ingest take times of long ago as they are. */
const BEGIN = '{"backfill":true,"views":[';
const SEPARATOR = ",";
const END = "]}";
/** Bytes of a body around its views. */
const FRAME_BYTES = Buffer.byteLength(BEGIN + END);

/**
 * Puts views together, in their order, up to `viewsMax` and up to `bytesMax` of the body's UTF-8. A view too large
 * for any body goes alone, and is ingest's to refuse.
 */
export async function* inBatches(
  views: AsyncIterable<LoggedView>,
  { viewsMax, bytesMax }: { viewsMax: number; bytesMax: number },
): AsyncGenerator<Batch> {
  let gathered: LoggedView[] = [];
  let texts: string[] = [];
  let bytes = FRAME_BYTES;

  function leave(): Batch {
    const batch = { views: gathered, body: BEGIN + texts.join(SEPARATOR) + END };
    gathered = [];
    texts = [];
    bytes = FRAME_BYTES;
    return batch;
  }

  for await (const logged of views) {
    const text = JSON.stringify(logged.view);
    const textBytes = Buffer.byteLength(text);
    const isFull = gathered.length >= viewsMax || bytes + SEPARATOR.length + textBytes > bytesMax;
    if (gathered.length > 0 && isFull) yield leave();
    bytes += textBytes + (gathered.length > 0 ? SEPARATOR.length : 0);
    gathered.push(logged);
    texts.push(text);
  }
  if (gathered.length > 0) yield leave();
}
