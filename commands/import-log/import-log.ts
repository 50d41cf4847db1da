import { acceptedBatchSchema, BATCH_VIEWS_MAX } from "@model-views/shared/contracts/views.ts";
import { type LogLine, logLines } from "./log-lines.ts";
import { createMakeModels, type ModelOfPath, type WantedModel } from "./models.ts";
import { createPool } from "./pool.ts";
import { addSample, type ImportTotals, noteTimes } from "./progress.ts";
import { type Ask, type AskDeps, createAsk, ImportStopped, RUN_AGAIN, type Service } from "./service.ts";
import { createIsPastRetention, type LoggedView, loggedViews } from "./views.ts";

/** Bytes of a request's body: a little less than the 1 MiB that ingest takes. */
const BODY_BYTES_MAX = 1_000_000;
/** Batches on their way to ingest at the same time. */
const REQUESTS_AT_ONCE_MAX = 4;
/** Lines between two updates of the progress. */
const PROGRESS_LINES = 1_000;

export type ImportLogDeps = Omit<AskDeps, "signal"> & {
  ingest: Service;
  stats: Service;
  /** Counted while the import runs, so that an import that has to stop can be reported on as well. */
  totals: ImportTotals;
  modelOfPath: ModelOfPath;
  onProgress: () => void;
};

/**
 * Posts every view of a log, in constant memory. A model is made before the first view of it is posted. A second run
 * with the same log posts the same views with the same ids, and so adds nothing.
 *
 * @throws {UsageError} when a key is missing.
 * @throws {ImportStopped} when a service keeps failing, or the log cannot be read to its end.
 */
export async function importLog(chunks: AsyncIterable<Buffer>, deps: ImportLogDeps): Promise<void> {
  const { totals, modelOfPath, onProgress } = deps;
  const stop = new AbortController();
  const askDeps = { ...deps, signal: stop.signal };
  const askIngest = createAsk(deps.ingest, askDeps);
  const askStats = createAsk(deps.stats, askDeps);
  const makeModels = createMakeModels(askStats, totals);
  const posts = createPool({ atOnceMax: REQUESTS_AT_ONCE_MAX });

  let readError: unknown;
  const lines = untilBroken(logLines(chunks), (error) => {
    readError = error;
  });
  const views = loggedViews(withProgress(lines, onProgress), {
    totals,
    modelOfPath,
    isPastRetention: createIsPastRetention(askStats, deps.now),
  });
  try {
    for await (const batch of inBatches(views, { viewsMax: BATCH_VIEWS_MAX, bytesMax: BODY_BYTES_MAX })) {
      await makeModels(modelsOf(batch));
      await posts.start(async () => {
        await postBatch(askIngest, batch, totals);
        onProgress();
      });
    }
    await posts.finish();
  } catch (error) {
    stop.abort();
    await posts.settled();
    throw error;
  }
  if (readError !== undefined) throw new ImportStopped(cannotRead(readError, totals.lines));
}

function* modelsOf({ views }: Batch): Generator<WantedModel> {
  for (const { path, isMapped, view } of views) {
    yield { modelId: view.modelId, name: isMapped ? undefined : path };
  }
}

/** Ends where the log cannot be read any further, so that the views before that are still posted. */
async function* untilBroken(
  lines: AsyncIterable<LogLine>,
  onBroken: (error: unknown) => void,
): AsyncGenerator<LogLine> {
  try {
    yield* lines;
  } catch (error) {
    onBroken(error);
  }
}

async function* withProgress(lines: AsyncIterable<LogLine>, onProgress: () => void): AsyncGenerator<LogLine> {
  for await (const line of lines) {
    if (line.number % PROGRESS_LINES === 0) onProgress();
    yield line;
  }
}

function cannotRead(error: unknown, lines: number): string {
  const reason = error instanceof Error ? error.message : String(error);
  if (lines === 0) return `The log cannot be read: ${reason}.`;
  return `The log cannot be read beyond line ${lines} (${reason}); the views up to there are posted. ${RUN_AGAIN}`;
}

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
  noteTimes(
    totals,
    views.map(({ view }) => view.viewedAt ?? "").filter((time) => time !== ""),
  );
  totals.ignored += value.ignored ?? 0;
  totals.rejected += value.rejected.length;
  for (const { index, errors } of value.rejected) {
    const line = views[index]?.line;
    if (line === undefined) continue;
    const reason = errors.map(({ path, message }) => `${path} ${message}`).join("; ");
    addSample(totals.rejectedSamples, { line: line.number, reason, text: line.text });
  }
}
