import { randomBytes } from "node:crypto";
import { VIEWS_QUEUE } from "@model-views/shared/contracts/views-queue.ts";
import type { Redis } from "ioredis";

const DAY_MS = 86_400_000;
/** Lifetime of a salt, from the earliest time at which it can be made. Then Redis deletes it. */
const KEPT_MS = 2 * DAY_MS;
/** Milliseconds before midnight (UTC) at which the replicas agree on the next day's salt. */
const AHEAD_MS = 3_600_000;
/** Milliseconds between checks of the day, and of the salt in Redis. */
const CHECK_MS = 60_000;
/** The same while Redis does not answer: a command then fails at once and costs nothing. */
const RETRY_MS = 100;
/** Failures in a row before an outage is reported. The first attempt of a process fails while it connects. */
const FAILURES_REPORTED = 10;
/** Milliseconds that the start waits for Redis before it continues with its own salt. */
const START_MS_MAX = 1_000;
const SALT_BYTES = 32;
const SALT = /^[0-9a-f]{64}$/;

export type DailySalts = {
  /** Today's salt (UTC), 64 hexadecimal digits, from memory. Only today's and tomorrow's are ever in memory. */
  current(): string;
  /** Agrees on today's salt with the other replicas, and keeps checking. Resolves within 1 s, and never rejects. */
  start(): Promise<void>;
  stop(): void;
};

export type DailySaltsDeps = {
  /** Must fail instead of waiting (`connectFailingFast`), so that the next attempt finds Redis when it is back. */
  redis: Pick<Redis, "get" | "set">;
  now: () => Date;
  /** Called once per outage, when the salts cannot be shared. */
  onError: (error: unknown) => void;
};

type Salt = { day: number; value: string };

/** The key in Redis of a day's salt. */
export function saltKey(date: Date): string {
  return `${VIEWS_QUEUE.prefix}:salt:${date.toISOString().slice(0, 10)}`;
}

/**
 * The salts of cookieless viewers: a random one per day (UTC), the same in every replica, and deleted everywhere two
 * days later.
 *
 * The first replica puts the day's salt into Redis (`NX`), and all use the one that is there. They agree on tomorrow's in
 * the hour before midnight, so the change of day needs no Redis. A salt is in Redis, which expires it, and in memory,
 * where it is dropped at midnight.
 *
 * While Redis is away a process uses its own salt, and offers it when Redis is back. If another process was first, it
 * switches to that one: its viewers since then count twice on that day. The same happens when Redis loses its data.
 */
export function openDailySalts({ redis, now, onError }: DailySaltsDeps): DailySalts {
  let today = makeSalt(dayOf(now()));
  let tomorrow: Salt | undefined;
  let failures = 0;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let onAgreed = () => {};

  /** Switches to the current day. A clock that is set back a little over midnight does not bring back yesterday. */
  function switchDay(): void {
    const day = dayOf(now());
    if (day === today.day || day === today.day - 1) return;
    today = tomorrow?.day === day ? tomorrow : makeSalt(day);
    tomorrow = undefined;
  }

  async function agreeAll(): Promise<void> {
    switchDay();
    take(await agree(today));
    if (now().getTime() >= startOf(today.day + 1) - AHEAD_MS) {
      take(await agree(tomorrow ?? makeSalt(today.day + 1)));
    }
  }

  /** The salt that all replicas use on that day: the one in Redis, else this one from now on. */
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

  /** The day may have changed while Redis answered. */
  function take(salt: Salt): void {
    if (salt.day === today.day) today = salt;
    else if (salt.day > today.day) tomorrow = salt;
  }

  function schedule(ms: number): void {
    if (stopped) return;
    timer = setTimeout(async () => schedule(await check()), ms);
    timer.unref();
  }

  /** Returns the milliseconds until the next check. */
  async function check(): Promise<number> {
    try {
      await agreeAll();
      failures = 0;
      onAgreed();
      return CHECK_MS;
    } catch (error) {
      failures += 1;
      if (failures === FAILURES_REPORTED && !stopped) onError(error);
      return RETRY_MS;
    }
  }

  return {
    current() {
      switchDay();
      return today.value;
    },
    async start() {
      const { promise, resolve } = Promise.withResolvers<void>();
      onAgreed = resolve;
      // Must keep the process alive, unlike the timer of the checks: the start waits for it.
      const timeout = setTimeout(resolve, START_MS_MAX);
      schedule(0);
      await promise;
      clearTimeout(timeout);
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
