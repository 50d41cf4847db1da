/** Answers a question. An identical question that is being answered already gives its answer, or its error. */
export type SingleFlight = <Answer>(question: string, ask: () => Promise<Answer>) => Promise<Answer>;

/**
 * Identical questions that arrive while one of them is being answered share its answer. Nothing is stored: the next
 * question asks again, also after an error. The work goes on when the request that began it is aborted.
 *
 * @param onShared called for each question that shared the answer of another.
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
