import { isForbidden, type RedisInfo } from "@model-views/shared/queue/redis-info.ts";
import type { Redis } from "ioredis";

const GAP = "Redis could not write its append-only file, which may have a gap since:";
const FORBIDDEN = `${GAP} its user here may not have it rewritten, so run BGREWRITEAOF`;
const FAILED = `${GAP} it cannot be rewritten either, so give Redis' disk room for all that Redis has in memory`;
/** Milliseconds after which a rewrite that failed is tried again: it may itself be what fills the disk. */
const RETRY_MS = 60_000;

export type RenewAof = {
  /** Looks at what Redis says of its file. Rejects for as long as views should go elsewhere for it. */
  look(facts: RedisInfo): Promise<void>;
  /** Redis has refused a write, for this reason. */
  refused(reason: string): void;
  /** What Redis' owner has to do. */
  warnings(): string[];
};

/**
 * Has Redis write its append-only file anew, once it can write after it could not. Redis 7.0 cuts a short write off the file, and
 * goes on where it was: behind a gap of zeros, with which it does not start any more ("Bad file format").
 *
 * Several ingests may ask, one after the other: a file that is written anew once more is no harm.
 *
 * @param onWarning told when that cannot be done, with what its owner has to do: views go to the queue then, because the spool would
 * only fill up as well.
 * @param now milliseconds of a clock that only goes forward.
 */
export function createRenewAof(
  redis: Pick<Redis, "bgrewriteaof">,
  { onWarning, now }: { onWarning: (warning: string) => void; now: () => number },
): RenewAof {
  let state: "whole" | "gap" | "asked" | "failed" | "forbidden" = "whole";
  let failedAt = 0;

  /** A rewrite that runs out of room, or takes it from Redis, has failed: asked for again at once it would do so for ever. */
  function gapFound(): void {
    if (state === "asked") fail();
    else if (state !== "failed") state = "gap";
  }

  function fail(): void {
    state = "failed";
    failedAt = now();
    onWarning(FAILED);
  }

  /** The answer is that of a rewrite that has begun; it is also an error while another one is under way. */
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
      // One that is under way may have begun before there was room.
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

/** A managed Redis does not have the command: its provider sees to its files. */
function isUnknownCommand(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith("ERR unknown command");
}
