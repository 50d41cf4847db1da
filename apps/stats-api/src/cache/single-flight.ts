/** Answers a question that is being answered already with that same answer, or error. */
export type SingleFlight = <Answer>(question: string, ask: () => Promise<Answer>) => Promise<Answer>;

/**
 * Identical questions that arrive while one of them is being answered share its answer. Nothing is kept: the next one
 * asks anew, and after an error as well. What is asked goes on whoever stops waiting for it.
 *
 * @param onShared told of each question that was not asked on its own.
 */
export function createSingleFlight(onShared: () => void = () => {}): SingleFlight {
  const underWay = new Map<string, Promise<unknown>>();
  return <Answer>(question: string, ask: () => Promise<Answer>) => {
    const shared = underWay.get(question);
    if (shared !== undefined) {
      onShared();
      // The same question, so an answer of the same type.
      return shared as Promise<Answer>;
    }
    const answer = (async () => ask())().finally(() => underWay.delete(question));
    underWay.set(question, answer);
    return answer;
  };
}
