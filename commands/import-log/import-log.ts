import { BATCH_VIEWS_MAX } from "@model-views/shared/contracts/views.ts";
import { type AskDeps, createAsk } from "./ask.ts";
import { type Batch, inBatches } from "./batches.ts";
import { ImportStopped, RUN_AGAIN } from "./import-stopped.ts";
import { type LogLine, logLines } from "./log-lines.ts";
import { loggedViews } from "./logged-views.ts";
import { createMakeModels, type WantedModel } from "./make-models.ts";
import { createPool } from "./pool.ts";
import { postBatch } from "./post-batch.ts";
import { createIsRetired } from "./retired-months.ts";
import type { Service } from "./service.ts";
import type { Tally } from "./tally.ts";
import type { ModelOfPath } from "./which-paths.ts";

/** Bytes of a request's body: a little less than the 1 MiB that ingest takes. */
const BODY_BYTES_MAX = 1_000_000;
/** Batches on their way to ingest at once. */
const REQUESTS_AT_ONCE_MAX = 4;
/** Lines from one look at the progress to the next. */
const PROGRESS_LINES = 1_000;

export type ImportLogDeps = Omit<AskDeps, "signal"> & {
  ingest: Service;
  stats: Service;
  /** Counts while the import runs, so that there is something to tell also when it has to stop. */
  tally: Tally;
  /** Which model a path is of. */
  modelOfPath: ModelOfPath;
  onProgress: () => void;
};

/**
 * Posts every view of a log, in constant memory. A model is made before the first view of it is posted. Run again
 * with the same log it posts the same views, with the same ids, and so adds nothing.
 *
 * @throws {UsageError} when a key is missing.
 * @throws {ImportStopped} when a service keeps failing, or the log cannot be read to its end.
 */
export async function importLog(chunks: AsyncIterable<Buffer>, deps: ImportLogDeps): Promise<void> {
  const { tally, modelOfPath, onProgress } = deps;
  const stop = new AbortController();
  const askDeps = { ...deps, signal: stop.signal };
  const askIngest = createAsk(deps.ingest, askDeps);
  const askStats = createAsk(deps.stats, askDeps);
  const makeModels = createMakeModels(askStats, tally);
  const posts = createPool({ atOnceMax: REQUESTS_AT_ONCE_MAX });

  let broken: unknown;
  const lines = untilBroken(logLines(chunks), (error) => {
    broken = error;
  });
  const views = loggedViews(watched(lines, onProgress), {
    tally,
    modelOfPath,
    isRetired: createIsRetired(askStats, deps.now),
  });
  try {
    for await (const batch of inBatches(views, { viewsMax: BATCH_VIEWS_MAX, bytesMax: BODY_BYTES_MAX })) {
      await makeModels(modelsOf(batch));
      await posts.start(async () => {
        await postBatch(askIngest, batch, tally);
        onProgress();
      });
    }
    await posts.finish();
  } catch (error) {
    stop.abort();
    await posts.settled();
    throw error;
  }
  if (broken !== undefined) throw new ImportStopped(cannotRead(broken, tally.lines));
}

function* modelsOf({ views }: Batch): Generator<WantedModel> {
  for (const { path, isMapped, view } of views) {
    yield { modelId: view.modelId, name: isMapped ? undefined : path };
  }
}

/** Ends where the log cannot be read any further, so that the views before that are posted all the same. */
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

async function* watched(lines: AsyncIterable<LogLine>, onProgress: () => void): AsyncGenerator<LogLine> {
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
