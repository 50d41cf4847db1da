/** A lock: runs one piece of work at a time, in the order of the calls. */
export type Alone = <Result>(work: () => Promise<Result>) => Promise<Result>;

/** Runs `work` under the locks of all of these. */
export function allAlone<Result>(
  those: readonly { alone: Alone }[],
  work: () => Promise<Result>,
): Promise<Result> {
  const [first, ...others] = those;
  return first === undefined ? work() : first.alone(() => allAlone(others, work));
}

/** Work that fails does not stop the next. */
export function createAlone(): Alone {
  let queue: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = queue.then(work);
    queue = result.catch(() => {});
    return result;
  };
}
