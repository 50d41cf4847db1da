import { createHash } from "node:crypto";
import type { z } from "zod";
import { createSkipFailing } from "./circuit-breaker.ts";
import { createQuota } from "./quota.ts";

/**
 * One slot of a Redis Cluster, and the version of what is kept: to be raised when an answer of the version before would
 * be wrong though it has the right shape.
 */
const PREFIX = "{stats}:v1:";

/** An answer is given at once, while it is asked anew, for so many times as long again as it is fresh. */
const STALE_TIMES = 4;

/**
 * The queue of acknowledged views lives in the same Redis, and must never want for memory because of what only saves
 * time: so much may one answer take, and so many of one process are there at a time, all of which go by themselves.
 */
const ENTRY_BYTES_MAX = 64 * 1024;
const ENTRIES_MAX = 1_000;
const BYTES_MAX = 16 * 1024 * 1024;

/** Milliseconds after Redis failed in which it is not asked again: what hangs costs its time-out once in this time. */
const SKIP_MS = 1_000;

/** Where answers are kept: Redis, as two functions that fail soon. */
export type CacheStore = {
  get(key: string): Promise<string | null>;
  /** Keeps a text for so many milliseconds. */
  set(key: string, text: string, ttlMs: number): Promise<unknown>;
};

/** What a look was worth: `invalid` is what is no answer to this question, `failed` also when Redis was not asked. */
export type CacheRead = "fresh" | "stale" | "miss" | "invalid" | "failed";
/** What became of an answer: `refused` by Redis (it is full, say), `late` when it was too old by the time it was there. */
export type CacheWrite = "kept" | "late" | "too_large" | "too_many" | "refused" | "failed";

export type AnswerCacheDeps = {
  store: CacheStore;
  /** Milliseconds for which an answer is as good as a new one. */
  freshMs: number;
  /** The clock by which an answer's age is told. What waits goes by one that is never set. */
  now: () => Date;
  onRead: (result: CacheRead) => void;
  onWrite: (result: CacheWrite) => void;
  onError: (error: unknown) => void;
};

type Dated = { asOf: string };

export type AnswerCache = {
  /** The answer that is kept, if it has this shape and is not too old. Never rejects. */
  read<Answer extends Dated>(
    question: string,
    schema: z.ZodType<Answer>,
  ): Promise<{ answer: Answer; isStale: boolean } | undefined>;
  /** Keeps an answer, or does not. Nobody needs to wait for it. */
  keep(question: string, answer: Dated): Promise<void>;
};

/**
 * Answers of the last seconds, for whoever asks the same. It only saves time: when the store is away, slow, full or holds
 * something else, every question is asked. An answer's age is told by its `asOf`.
 */
export function createAnswerCache(deps: AnswerCacheDeps): AnswerCache {
  const { store, freshMs, now, onRead, onWrite, onError } = deps;
  const keptMs = freshMs * (1 + STALE_TIMES);
  const skipFailing = createSkipFailing(SKIP_MS, {
    now: () => performance.now(),
    isFailure: (error) => !isRefusal(error),
    onError,
  });
  const quota = createQuota({ entriesMax: ENTRIES_MAX, bytesMax: BYTES_MAX });
  const ageOf = ({ asOf }: Dated) => now().getTime() - Date.parse(asOf);

  return {
    async read(question, schema) {
      const text = await skipFailing(() => store.get(keyOf(question)));
      if (typeof text !== "string") {
        onRead(text === null ? "miss" : "failed");
        return undefined;
      }
      const parsed = schema.safeParse(jsonOf(text));
      // Of a clock that is ahead by more than the answer is fresh, nothing is believed.
      if (!parsed.success || ageOf(parsed.data) < -freshMs) return void onRead("invalid");
      const ageMs = ageOf(parsed.data);
      if (ageMs >= keptMs) return void onRead("miss");
      const isStale = ageMs >= freshMs;
      onRead(isStale ? "stale" : "fresh");
      return { answer: parsed.data, isStale };
    },

    async keep(question, answer) {
      const ttlMs = Math.min(keptMs, keptMs - ageOf(answer));
      if (ttlMs <= 0) return onWrite("late");
      const key = keyOf(question);
      const text = JSON.stringify(answer);
      const bytes = Buffer.byteLength(text);
      if (bytes > ENTRY_BYTES_MAX) return onWrite("too_large");
      const at = performance.now();
      if (!quota.take(key, { bytes, until: at + ttlMs }, at)) return onWrite("too_many");
      const result = await skipFailing(async () => {
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

/** Two questions never share a key, however long they are. */
function keyOf(question: string): string {
  return PREFIX + createHash("sha256").update(question).digest("hex");
}

/** Undefined when the text is no JSON, which no answer is either. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Did Redis itself say no, rather than nothing at all? Then it is there, and answers soon. */
function isRefusal(error: unknown): boolean {
  return error instanceof Error && error.name === "ReplyError";
}
