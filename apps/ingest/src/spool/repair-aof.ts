import { isForbidden, type RedisInfo } from "@model-views/shared/queue/redis-info.ts";
import type { Redis } from "ioredis";

const GAP = "Redis could not write its append-only file, which may have a gap since:";
const FORBIDDEN = `${GAP} its user here may not have it rewritten, so run BGREWRITEAOF`;
const FAILED = `${GAP} it cannot be rewritten either, so give Redis' disk room for all that Redis has in memory`;
/** Milliseconds until a failed rewrite is tried again: the rewrite itself may be what fills the disk. */
const RETRY_MS = 60_000;

export type AofRepair = {
  /** Checks Redis' file status. Rejects while views should go elsewhere because of it. */
  look(info: RedisInfo): Promise<void>;
  /** Redis refused a write, for this reason. */
  refused(reason: string): void;
  /** What Redis' owner has to do. */
  warnings(): string[];
};

/**
 * Makes Redis rewrite its append-only file once it can write again after a failure. Redis 7.0 truncates a short write
 * and continues where it was: behind a gap of zeros, with which it does not start again ("Bad file format").
 *
 * Several ingests may request a rewrite one after the other, which does no harm.
 *
 * @param onWarning called when Redis cannot rewrite the file, with what its owner has to do. Views go to the queue then,
 * because the spool would only fill up too.
 * @param now milliseconds of a monotonic clock.
 */
export function createAofRepair(
  redis: Pick<Redis, "bgrewriteaof">,
  { onWarning, now }: { onWarning: (warning: string) => void; now: () => number },
): AofRepair {
  let state: "whole" | "gap" | "asked" | "failed" | "forbidden" = "whole";
  let failedAt = 0;

  /** A rewrite that fills the disk has failed. Requesting it again at once would repeat that for ever. */
  function gapFound(): void {
    if (state === "asked") fail();
    else if (state !== "failed") state = "gap";
  }

  function fail(): void {
    state = "failed";
    failedAt = now();
    onWarning(FAILED);
  }

  /** Redis answers when the rewrite has begun. It answers with an error while another one runs. */
  async function ask(): Promise<void> {
    try {
      await redis.bgrewriteaof();
      state = "asked";
    } catch (error) {
      if (!isForbidden(error) && !isUnknownCommand(error)) throw error;
      state = "forbidden";
      onWarning(FORBIDDEN);
    }
  }

  return {
    async look({ hasAof, writesAof, rewritesAof, rewroteAof }) {
      if (hasAof !== true) state = "whole";
      else if (writesAof === false) gapFound();
      if (state === "whole" || writesAof === false) return;
      if (state === "asked" && rewritesAof !== true) {
        if (rewroteAof === true) state = "whole";
        else fail();
      }
      if (state === "failed" && now() - failedAt >= RETRY_MS) state = "gap";
      // A running rewrite may have begun before there was space.
      if (state === "gap" && rewritesAof !== true) await ask();
      if (state === "gap" || state === "asked") {
        throw new Error("Redis writes its append-only file anew, which may have a gap since it could not");
      }
    },
    refused(reason) {
      if (reason.startsWith("MISCONF") && reason.includes("AOF")) gapFound();
    },
    warnings() {
      if (state === "forbidden") return [FORBIDDEN];
      return state === "failed" ? [FAILED] : [];
    },
  };
}

/** A managed Redis lacks the command: its provider takes care of the files. */
function isUnknownCommand(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith("ERR unknown command");
}
