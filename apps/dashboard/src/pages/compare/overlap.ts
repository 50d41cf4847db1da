/** How many viewers two models have in common. */
export type Shared = {
  /** Null where it is not known. */
  both: number | null;
  /** Of the viewers of the first one, 0 to 1. Undefined where it is not known, or there are none. */
  share: number | undefined;
};

/** @param viewers of the model whose share it is. */
export function sharedWith(both: number | null | undefined, viewers: number | null | undefined): Shared {
  return {
    both: both ?? null,
    share: both == null || viewers == null || viewers === 0 ? undefined : both / viewers,
  };
}

/** A name of a pair that is the same from both sides. */
export function pairKey(one: string, other: string): string {
  return one < other ? `${one} ${other}` : `${other} ${one}`;
}
