import { acceptedBatchSchema } from "@model-views/shared/contracts/views.ts";
import { addSample, type ImportTotals } from "./progress.ts";
import type { Ask } from "./service.ts";
import type { LoggedView } from "./views.ts";

/** Views to be posted together, and the body that posts them. */
export type Batch = { views: LoggedView[]; body: string };

/** `backfill` lets ingest accept times of long ago. */
const BEGIN = '{"backfill":true,"views":[';
const SEPARATOR = ",";
const END = "]}";
/** Bytes of a body around its views. */
const FRAME_BYTES = Buffer.byteLength(BEGIN + END);

/**
 * Puts views together, in their order, up to `viewsMax` and up to `bytesMax` of the body's UTF-8. A view too large
 * for any body is posted alone, and ingest refuses it.
 */
export async function* inBatches(
  views: AsyncIterable<LoggedView>,
  { viewsMax, bytesMax }: { viewsMax: number; bytesMax: number },
): AsyncGenerator<Batch> {
  let gathered: LoggedView[] = [];
  let texts: string[] = [];
  let bytes = FRAME_BYTES;

  function takeBatch(): Batch {
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
    if (gathered.length > 0 && isFull) yield takeBatch();
    bytes += textBytes + (gathered.length > 0 ? SEPARATOR.length : 0);
    gathered.push(logged);
    texts.push(text);
  }
  if (gathered.length > 0) yield takeBatch();
}

/** Posts a batch. Views that ingest refuses are counted, and the first of them are shown in the report. */
export async function postBatch(askIngest: Ask, { views, body }: Batch, totals: ImportTotals): Promise<void> {
  const { value } = await askIngest({ method: "POST", path: "v1/views/batch", body }, acceptedBatchSchema);
  totals.views += value.accepted;
  totals.ignored += value.ignored ?? 0;
  totals.rejected += value.rejected.length;
  for (const { index, errors } of value.rejected) {
    const line = views[index]?.line;
    if (line === undefined) continue;
    const reason = errors.map(({ path, message }) => `${path} ${message}`).join("; ");
    addSample(totals.rejectedSamples, { line: line.number, reason, text: line.text });
  }
}
