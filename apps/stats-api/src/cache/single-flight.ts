/**
 * Answers a question. An identical question that is being answered already gives its answer, or its error.
 *
 * @param reader aborts when the reader leaves: then the promise rejects with its reason at once. Undefined: the answer is
 * wanted until it is there.
 * @param ask gets a signal that aborts when all readers who share the answer have left.
 */
export type SingleFlight = <Answer>(
  question: string,
  reader: AbortSignal | undefined,
  ask: (unwanted: AbortSignal) => Promise<Answer>,
) => Promise<Answer>;

export type SingleFlightDeps = {
  /** Called for each question that shared the answer of another. */
  onShared?: () => void;
  /** Called with an error that has no reader: all of them have left before. */
  onError: (error: unknown) => void;
};

/** An answer that is being found, and for how many readers. */
type Flight = { answer: Promise<unknown>; readers: number; leaving: AbortController };

/**
 * Identical questions that arrive while one of them is being answered share its answer. Nothing is stored: the next
 * question asks again, also after an error, and after all readers have left.
 */
export function createSingleFlight({ onShared = () => {}, onError }: SingleFlightDeps): SingleFlight {
  const underWay = new Map<string, Flight>();

  function end(question: string, flight: Flight): void {
    if (underWay.get(question) === flight) underWay.delete(question);
  }

  function begin(question: string, ask: (unwanted: AbortSignal) => Promise<unknown>): Flight {
    const leaving = new AbortController();
    const answer = (async () => ask(leaving.signal))();
    const flight = { answer, readers: 0, leaving };
    underWay.set(question, flight);
    const ended = () => end(question, flight);
    answer.then(ended, (error: unknown) => {
      ended();
      if (leaving.signal.aborted && error !== leaving.signal.reason) onError(error);
    });
    return flight;
  }

  return <Answer>(
    question: string,
    reader: AbortSignal | undefined,
    ask: (unwanted: AbortSignal) => Promise<Answer>,
  ) =>
    new Promise<Answer>((resolve, reject) => {
      if (reader?.aborted === true) return reject(reader.reason);
      const shared = underWay.get(question);
      if (shared !== undefined) onShared();
      const flight = shared ?? begin(question, ask);
      flight.readers += 1;
      const leave = () => {
        reject(reader?.reason);
        flight.readers -= 1;
        if (flight.readers > 0) return;
        end(question, flight);
        flight.leaving.abort(reader?.reason);
      };
      reader?.addEventListener("abort", leave, { once: true });
      const stay = () => reader?.removeEventListener("abort", leave);
      flight.answer.then(
        (answer) => {
          stay();
          // The same question, so an answer of the same type.
          resolve(answer as Answer);
        },
        (error: unknown) => {
          stay();
          reject(error);
        },
      );
    });
}
