import { createReadStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { dirname } from "node:path";
import { createInterface } from "node:readline";
import { syncFolder } from "@model-views/local-services/data-dir.ts";
import type { FailedJob } from "@model-views/shared/queue/failed-jobs.ts";
import { readPayload } from "@model-views/shared/queue/read-payload.ts";
import { UsageError } from "@model-views/shared/runtime/run-command.ts";
import { z } from "zod";
import { printable } from "../shared/printable-text.ts";
import { type ActionDeps, selectedJobs } from "./selected-jobs.ts";
import type { Selection } from "./settings.ts";

/** Jobs that are written and synced together, before they leave the queue. */
const BATCH_JOBS = 20;

/** A line of the file. `payload` is the data where it is JSON that survives a round trip, else `text` has it as it was. */
const lineSchema = z.object({
  id: z.string().min(1),
  failedAt: z.string().optional(),
  reason: z.string().optional(),
  payload: z.unknown().optional(),
  text: z.string().optional(),
});

type MoveDeps = ActionDeps & { file: string; isDryRun: boolean };

/**
 * Moves failed jobs from the queue to a file of JSON lines. A job leaves the queue only when it is on the disk. After a kill in
 * between it is in both, and its views count once.
 *
 * @throws {UsageError} when the file exists already.
 */
export async function moveJobs(selection: Selection, deps: MoveDeps): Promise<{ moved: number }> {
  const { print, file, isDryRun } = deps;
  let moved = 0;
  if (isDryRun) {
    for await (const _job of selectedJobs(selection, deps)) moved += 1;
    print(`${moved} failed jobs would be moved to ${file}.`);
    return { moved };
  }
  await using handle = await open(file, "wx", 0o600).catch((error: unknown) => {
    throw new UsageError(`cannot make ${file}: ${error instanceof Error ? error.message : String(error)}`);
  });
  // Synced data is still lost in a power cut when the file's name is not on the disk.
  await syncFolder(dirname(file));
  let batch: FailedJob[] = [];
  for await (const job of selectedJobs(selection, deps)) {
    batch.push(job);
    if (batch.length < BATCH_JOBS) continue;
    moved += await moveBatch(batch, handle, deps);
    batch = [];
  }
  moved += await moveBatch(batch, handle, deps);
  print(`${moved} failed jobs moved to ${file}; put puts them back on the queue.`);
  return { moved };
}

async function moveBatch(
  batch: readonly FailedJob[],
  handle: FileHandle,
  { jobs, print }: MoveDeps,
): Promise<number> {
  if (batch.length === 0) return 0;
  await handle.appendFile(batch.map(lineOf).join(""));
  await handle.datasync();
  let moved = 0;
  for (const { id } of batch) {
    if (await jobs.remove(id)) moved += 1;
    else print(`job ${id} is in the file, but another process had removed it from the queue`);
  }
  return moved;
}

function lineOf({ id, failedAt, reason, text }: FailedJob): string {
  const payload = jsonOf(text);
  const isSame = payload !== undefined && JSON.stringify(payload) === text;
  return `${JSON.stringify({ id, failedAt, reason, ...(isSame ? { payload } : { text }) })}\n`;
}

/**
 * Puts the jobs of such a file on the queue under their ids, if they can be read completely. The others are printed with their
 * line, to be repaired there and put again. The file stays.
 */
export async function putJobs(deps: MoveDeps): Promise<{ put: number; skipped: number }> {
  const { jobs, print, file, isDryRun, onProgress } = deps;
  const counts = { put: 0, skipped: 0 };
  await using handle = await open(file).catch((error: unknown) => {
    throw new UsageError(`cannot open ${file}: ${error instanceof Error ? error.message : String(error)}`);
  });
  const input = createReadStream("", { fd: handle, autoClose: false });
  let number = 0;
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    number += 1;
    if (line.trim() === "") continue;
    const wrong = await putLine(line);
    if (wrong === undefined) counts.put += 1;
    else {
      counts.skipped += 1;
      print(`line ${number} is skipped: ${printable(wrong)}`);
    }
    onProgress(number);
  }
  print(
    isDryRun
      ? `${counts.put} jobs would be put on the queue, ${counts.skipped} be skipped.`
      : `${counts.put} jobs put on the queue, ${counts.skipped} skipped; ${file} stays.`,
  );
  return counts;

  /** Why it is skipped; undefined when it is on the queue. */
  async function putLine(line: string): Promise<string | undefined> {
    const parsed = lineSchema.safeParse(jsonOf(line));
    if (!parsed.success) return "it is not a job as move writes it";
    const { id, payload, text = "" } = parsed.data;
    const data = payload === undefined ? jsonOf(text) : payload;
    const { wrong } = readPayload(data);
    if (wrong !== undefined) return `job ${id}: ${wrong}`;
    if (isDryRun || (await jobs.add(id, data))) return undefined;
    return `job ${id} is on the queue; if it has failed there, retry it`;
  }
}

/** Undefined where it is not JSON. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
