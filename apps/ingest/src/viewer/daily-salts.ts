import { randomBytes } from "node:crypto";
import { VIEWS_QUEUE } from "@model-views/shared/contracts/views-queue.ts";
import type { Redis } from "ioredis";

const DAY_MS = 86_400_000;
/** How long a salt exists, from the earliest moment at which it can be made; then Redis deletes it. */
const KEPT_MS = 2 * DAY_MS;
/** Milliseconds before midnight (UTC) at which the next day's salt is agreed upon. */
const AHEAD_MS = 3_600_000;
/** Milliseconds between two looks at Redis: whether it is another day, and whether the salt there is still ours. */
const CHECK_MS = 60_000;
/** The same while Redis does not answer; a command that it cannot take fails at once and costs nothing. */
const RETRY_MS = 100;
/** Failed tries in a row that make an outage worth telling; the first one of a process fails while it connects. */
const TRIES_TOLD = 10;
/** Milliseconds that the start waits for Redis before it goes on with a salt of its own. */
const START_MS_MAX = 1_000;
const SALT_BYTES = 32;
const SALT = /^[0-9a-f]{64}$/;

export type DailySalts = {
  /** The salt of this day (UTC), 64 hexadecimal digits. Asks nobody: it is in memory, and no other day's is but tomorrow's. */
  current(): string;
  /** Agrees upon today's salt with the other replicas, and goes on agreeing. Resolves after 1 s at most, never rejects. */
  start(): Promise<void>;
  stop(): void;
};

export type DailySaltsDeps = {
  /** One that fails instead of waiting (`connectFailingFast`), so that the next try finds Redis when it is back. */
  redis: Pick<Redis, "get" | "set">;
  now: () => Date;
  /** Told once an outage, when the salts cannot be shared. */
  onError: (error: unknown) => void;
};

type Salt = { day: number; value: string };

/** Where the replicas find the salt of a day. */
export function saltKey(date: Date): string {
  return `${VIEWS_QUEUE.prefix}:salt:${date.toISOString().slice(0, 10)}`;
}

/**
 * The salts of the cookieless viewers: a random one for each day (UTC), the same in every replica, that nobody has any
 * more two days later.
 *
 * Whoever comes first puts the day's salt into Redis (`NX`) and everybody takes what is there; tomorrow's in the hour
 * before midnight, so that the change of day needs no Redis. It lives in Redis, which expires it, and in memory, where
 * it is dropped at midnight.
 *
 * While Redis is away a process uses a salt of its own, and offers that when Redis is back. If another one came first
 * it changes over: then its viewers of the time in between count twice on that day. The same holds for a Redis that
 * lost its data.
 */
export function openDailySalts({ redis, now, onError }: DailySaltsDeps): DailySalts {
  let today = makeSalt(dayOf(now()));
  let tomorrow: Salt | undefined;
  let failures = 0;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let onAgreed = () => {};

  /** Makes it today. A clock that is set back over midnight by a little does not make it yesterday again. */
  function turnTheDay(): void {
    const day = dayOf(now());
    if (day === today.day || day === today.day - 1) return;
    today = tomorrow?.day === day ? tomorrow : makeSalt(day);
    tomorrow = undefined;
  }

  async function agreeAll(): Promise<void> {
    turnTheDay();
    take(await agree(today));
    if (now().getTime() >= startOf(today.day + 1) - AHEAD_MS) {
      take(await agree(tomorrow ?? makeSalt(today.day + 1)));
    }
  }

  /** The salt of that day that all replicas use: the one in Redis, else this one from now on. */
  async function agree({ day, value }: Salt): Promise<Salt> {
    const key = saltKey(new Date(startOf(day)));
    const shared = (await redis.get(key)) ?? (await offer(key, { day, value }));
    if (shared === null || !SALT.test(shared)) throw new Error(`Redis holds no salt in ${key}`);
    return { day, value: shared };
  }

  async function offer(key: string, { day, value }: Salt): Promise<string | null> {
    const leftMs = Math.min(startOf(day) - AHEAD_MS + KEPT_MS - now().getTime(), KEPT_MS);
    const taken = await redis.set(key, value, "EX", Math.floor(leftMs / 1_000), "NX");
    return taken === "OK" ? value : redis.get(key);
  }

  /** The day may have changed while Redis was asked. */
  function take(salt: Salt): void {
    if (salt.day === today.day) today = salt;
    else if (salt.day > today.day) tomorrow = salt;
  }

  function schedule(ms: number): void {
    if (stopped) return;
    timer = setTimeout(async () => schedule(await look()), ms);
    timer.unref();
  }

  /** Says in how many milliseconds to look again. */
  async function look(): Promise<number> {
    try {
      await agreeAll();
      failures = 0;
      onAgreed();
      return CHECK_MS;
    } catch (error) {
      failures += 1;
      if (failures === TRIES_TOLD && !stopped) onError(error);
      return RETRY_MS;
    }
  }

  return {
    current() {
      turnTheDay();
      return today.value;
    },
    async start() {
      const { promise, resolve } = Promise.withResolvers<void>();
      onAgreed = resolve;
      // Not unreferenced, other than the timer of the looks: somebody waits for it.
      const patience = setTimeout(resolve, START_MS_MAX);
      schedule(0);
      await promise;
      clearTimeout(patience);
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

function makeSalt(day: number): Salt {
  return { day, value: randomBytes(SALT_BYTES).toString("hex") };
}

/** Days since 1970, UTC. */
function dayOf(date: Date): number {
  return Math.floor(date.getTime() / DAY_MS);
}

function startOf(day: number): number {
  return day * DAY_MS;
}
