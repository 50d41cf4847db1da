import { createHash } from "node:crypto";
import type { z } from "zod";
import { createCircuitBreaker } from "./circuit-breaker.ts";
import { createQuota } from "./quota.ts";

/**
 * One slot of a Redis Cluster, and the version of the cached answers. Raise it when an answer of the previous version
 * would be wrong although it has the right shape.
 */
const PREFIX = "{stats}:v1:";

/** After its fresh time, an answer is still given for this many times as long, while a new one is computed. */
const STALE_TIMES = 4;

/**
 * The queue of acknowledged views is in the same Redis, and must never run out of memory because of a cache. So the
 * size of one answer is limited, and the answers and bytes of one process at a time. All entries expire.
 */
const ENTRY_BYTES_MAX = 64 * 1024;
const ENTRIES_MAX = 1_000;
const BYTES_MAX = 16 * 1024 * 1024;

/** Milliseconds after a failure of Redis in which it is not asked: a Redis that hangs costs one time-out in this time. */
const OPEN_MS = 1_000;

/** Where answers are cached: Redis, as two functions that fail fast. */
export type CacheStore = {
  get(key: string): Promise<string | null>;
  /** Stores a text for `ttlMs` milliseconds. */
  set(key: string, text: string, ttlMs: number): Promise<unknown>;
};

/** What a read found. `invalid`: not an answer to this question. `failed`: Redis failed, or was not asked. */
export type CacheRead = "fresh" | "stale" | "miss" | "invalid" | "failed";
/** What a write did. `refused`: by Redis, which may be full. `late`: the answer took so long that it was too old. */
export type CacheWrite = "kept" | "late" | "too_large" | "too_many" | "refused" | "failed";

export type AnswerCacheDeps = {
  store: CacheStore;
  /** Milliseconds for which an answer is as good as a new one. */
  freshMs: number;
  /** The clock for the age of answers. The breaker and the quota use a monotonic clock. */
  now: () => Date;
  onRead: (result: CacheRead) => void;
  onWrite: (result: CacheWrite) => void;
  onError: (error: unknown) => void;
};

type Dated = { asOf: string };

export type AnswerCache = {
  /** The cached answer, if it has this shape and is not too old. Never rejects. */
  read<Answer extends Dated>(
    question: string,
    schema: z.ZodType<Answer>,
  ): Promise<{ answer: Answer; isStale: boolean } | undefined>;
  /** Caches an answer if it can. Never rejects, and need not be waited for. */
  write(question: string, answer: Dated): Promise<void>;
};

/**
 * Answers of the last seconds, for identical questions. It only saves time: when the store is away, slow, full or has
 * something else under a key, every question is asked. An answer's age follows from its `asOf`.
 */
export function createAnswerCache(deps: AnswerCacheDeps): AnswerCache {
  const { store, freshMs, now, onRead, onWrite, onError } = deps;
  const usableMs = freshMs * (1 + STALE_TIMES);
  const breaker = createCircuitBreaker(OPEN_MS, {
    now: () => performance.now(),
    isFailure: (error) => !isRefusal(error),
    onError,
  });
  const quota = createQuota({ entriesMax: ENTRIES_MAX, bytesMax: BYTES_MAX });
  const ageOf = ({ asOf }: Dated) => now().getTime() - Date.parse(asOf);

  return {
    async read(question, schema) {
      const text = await breaker(() => store.get(keyOf(question)));
      if (typeof text !== "string") {
        onRead(text === null ? "miss" : "failed");
        return undefined;
      }
      const parsed = schema.safeParse(jsonOf(text));
      // An answer from the future is not used: a clock was ahead by more than the fresh time.
      if (!parsed.success || ageOf(parsed.data) < -freshMs) return void onRead("invalid");
      const ageMs = ageOf(parsed.data);
      if (ageMs >= usableMs) return void onRead("miss");
      const isStale = ageMs >= freshMs;
      onRead(isStale ? "stale" : "fresh");
      return { answer: parsed.data, isStale };
    },

    async write(question, answer) {
      const ttlMs = Math.min(usableMs, usableMs - ageOf(answer));
      if (ttlMs <= 0) return onWrite("late");
      const key = keyOf(question);
      const text = JSON.stringify(answer);
      const bytes = Buffer.byteLength(text);
      if (bytes > ENTRY_BYTES_MAX) return onWrite("too_large");
      const at = performance.now();
      if (!quota.take(key, { bytes, until: at + ttlMs }, at)) return onWrite("too_many");
      const result = await breaker(async () => {
        try {
          await store.set(key, text, ttlMs);
          return "kept";
        } catch (error) {
          if (isRefusal(error)) return "refused";
          throw error;
        }
      });
      onWrite(result ?? "failed");
    },
  };
}

/** Two questions never share a key, no matter how long they are. */
function keyOf(question: string): string {
  return PREFIX + createHash("sha256").update(question).digest("hex");
}

/** Undefined when the text is not JSON: that is no answer either. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Whether Redis itself answered with an error: then it is available, and the next request is worth a try. */
function isRefusal(error: unknown): boolean {
  return error instanceof Error && error.name === "ReplyError";
}
