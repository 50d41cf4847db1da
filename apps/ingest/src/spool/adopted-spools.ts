import { randomUUID } from "node:crypto";
import type { Logger } from "@model-views/shared/runtime/logger.ts";
import { adoptOrphans, bytesOfOthers, spoolFile } from "./orphans.ts";
import type { Spool } from "./spool.ts";

/** The spools in the folder, besides this process's own: those of ended processes are adopted. */
export type AdoptedSpools = {
  /** Names a file for a spool of this process. */
  newFile(): string;
  /** Adopts these, and the spools of processes that have ended. Returns all that are new. */
  adopt(former: readonly Spool[]): Spool[];
  /** Bytes of the other spools: waiting in the adopted ones, and on disk of those of running processes. */
  bytes(): number;
  /** Why spools that were adopted could not be emptied on disk. */
  unremoved(): string[];
  /** Sentences about spools that cannot be read. */
  warnings(): string[];
};

export type AdoptedSpoolsOptions = {
  folder: string;
  logger: Pick<Logger, "info" | "error">;
  /** Called at each look while the folder cannot be listed. */
  onError: (message: string, error: unknown) => void;
};

export function createAdoptedSpools({ folder, logger, onError }: AdoptedSpoolsOptions): AdoptedSpools {
  /** Files that this process has open, or will open. */
  const mine = new Set<string>();
  const adopted = new Set<Spool>();
  const broken = new Map<string, string>();
  let othersBytes = 0;
  let folderBecause: string | undefined;

  /** Undefined when the folder cannot be listed. The spools that are already open are drained all the same. */
  function inFolder<Result>(list: () => Result): Result | undefined {
    try {
      const result = list();
      folderBecause = undefined;
      return result;
    } catch (error) {
      folderBecause = error instanceof Error ? error.message : String(error);
      onError("the folder of the spools cannot be listed", error);
      return undefined;
    }
  }

  function onBroken(file: string, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    if (broken.get(file) !== reason) logger.error({ err: error, file }, "cannot read a spool");
    broken.set(file, reason);
  }

  return {
    newFile() {
      const file = spoolFile(folder, randomUUID());
      mine.add(file);
      return file;
    },
    adopt(former) {
      const found = [...former, ...(inFolder(() => adoptOrphans(folder, { mine, onBroken })) ?? [])];
      for (const each of found) {
        mine.add(each.file);
        adopted.add(each);
        logger.info({ file: each.file, ...each.state() }, "adopted the spool of a process that is gone");
      }
      for (const each of adopted) if (each.state().batches === 0) adopted.delete(each);
      othersBytes = inFolder(() => bytesOfOthers(folder, mine)) ?? othersBytes;
      return found;
    },
    bytes() {
      let bytes = othersBytes;
      for (const each of adopted) bytes += each.state().bytes;
      return bytes;
    },
    unremoved: () => [...adopted].flatMap((each) => each.state().unremovedBecause ?? []),
    warnings: () => [
      ...(folderBecause === undefined ? [] : [`the folder of the spools cannot be listed: ${folderBecause}`]),
      ...[...broken].map(([file, reason]) => `the spool ${file} cannot be read: ${reason}`),
    ],
  };
}
