import { networkOf } from "@model-views/shared/http/rate-limit.ts";
import { LRUCache } from "lru-cache";

/** Wrong keys of one address within {@link WINDOW_MS}. */
const WRONG_MAX = 10;
const WINDOW_MS = 5 * 60_000;
/** Addresses and networks that are counted at the same time. */
const COUNTED_MAX = 50_000;

/** Slows down who tries keys at the sign-in: ten wrong ones, and the address waits until five minutes after the first. */
export type WrongKeyLimit = {
  /** Seconds until the address may try again; undefined: now. */
  waitSeconds(address: string | undefined): number | undefined;
  onWrong(address: string | undefined): void;
};

/** @param now milliseconds of a monotonic clock. */
export function createWrongKeyLimit(now: () => number = () => performance.now()): WrongKeyLimit {
  const counted = new LRUCache<string, { wrong: number; endsAt: number }>({ max: COUNTED_MAX });
  const current = (key: string) => {
    const found = counted.get(key);
    return found !== undefined && found.endsAt > now() ? found : undefined;
  };
  return {
    waitSeconds(address) {
      const found = current(networkOf(address));
      if (found === undefined || found.wrong < WRONG_MAX) return undefined;
      return Math.max(1, Math.ceil((found.endsAt - now()) / 1_000));
    },
    onWrong(address) {
      const key = networkOf(address);
      const found = current(key) ?? { wrong: 0, endsAt: now() + WINDOW_MS };
      counted.set(key, { ...found, wrong: found.wrong + 1 });
    },
  };
}
