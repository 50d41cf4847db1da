import { acceptedBatchSchema } from "@model-views/shared/contracts/views.ts";
import type { Ask } from "./ask.ts";
import type { Batch } from "./batches.ts";
import { keepSample, type Tally } from "./tally.ts";

/** Posts a batch. The views that ingest refuses are counted, and the first of them kept to be shown. */
export async function postBatch(askIngest: Ask, { views, body }: Batch, tally: Tally): Promise<void> {
  const { value } = await askIngest({ method: "POST", path: "v1/views/batch", body }, acceptedBatchSchema);
  tally.views += value.accepted;
  tally.ignored += value.ignored ?? 0;
  tally.rejected += value.rejected.length;
  for (const { index, errors } of value.rejected) {
    const line = views[index]?.line;
    if (line === undefined) continue;
    const reason = errors.map(({ path, message }) => `${path} ${message}`).join("; ");
    keepSample(tally.rejectedSamples, { line: line.number, reason, text: line.text });
  }
}
