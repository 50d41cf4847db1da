import type { Response } from "express";
import type { z } from "zod";
import type { AnswerCache } from "./answer-cache.ts";
import type { Limits, Reads } from "./limits.ts";
import { readerOf } from "./reader.ts";
import { createSingleFlight } from "./single-flight.ts";

/** A question: a name, and the parsed parameters. The format of the answer is not part of it. */
export type Question = readonly [name: string, parameters: Readonly<Record<string, unknown>>];

/** Asks PostgreSQL. The signal aborts when no reader waits for the answer any more: then the statements are cancelled. */
export type AskFor<Answer> = (unwanted: AbortSignal) => Promise<Answer>;

/**
 * Every question goes through here. Identical questions at the same time are asked of PostgreSQL once, when it is their
 * turn. When all of their readers have left, they are not asked any more.
 *
 * @throws {ProblemError} a `503` when too many questions wait, or when its turn does not come in time.
 * @throws {ReaderLeftError} when the reader of this response leaves.
 */
export type Answers = {
  /** As of now, or as of an identical question that is still running. */
  ofNow<Answer>(
    response: Response,
    question: Question,
    ask: AskFor<Answer>,
    /** By default the rollups, or a row by its key. */
    reads?: Reads,
  ): Promise<Answer>;
  /**
   * For what reads the views of a period: it may be some seconds old. Sets the header `Age`. A new answer that replaces one of
   * the cache has no reader, and is found in any case.
   */
  ofPeriod<Answer extends { asOf: string }>(
    response: Response,
    question: Question,
    schema: z.ZodType<Answer>,
    ask: AskFor<Answer>,
  ): Promise<Answer>;
};

export type AnswersDeps = {
  /** Undefined: every question about a period reads the database. */
  cache: AnswerCache | undefined;
  limits: Limits;
  now: () => Date;
  /** Called for each question that shared the answer of another. */
  onShared: () => void;
  /** Called when a question failed that has no reader: a stale answer was given already, or all readers have left. */
  onError: (error: unknown) => void;
};

export function createAnswers({ cache, limits, now, onShared, onError }: AnswersDeps): Answers {
  const singleFlight = createSingleFlight({ onShared, onError });
  // A second one for PostgreSQL: a stale answer is renewed after it has been given.
  const askOnce = createSingleFlight({ onError });

  return {
    ofNow: (response, question, ask, reads = "rollups") =>
      singleFlight(textOf(question), readerOf(response), (unwanted) =>
        limits(reads, unwanted, () => ask(unwanted)),
      ),

    async ofPeriod(response, question, schema, ask) {
      const text = textOf(question);
      const askAndCache = (reader?: AbortSignal) =>
        askOnce(text, reader, async (unwanted) => {
          const answer = await limits("views", unwanted, () => ask(unwanted));
          void cache?.write(text, answer);
          return answer;
        });
      const answer = await singleFlight(text, readerOf(response), async (unwanted) => {
        const cached = await cache?.read(text, schema);
        if (cached === undefined) return askAndCache(unwanted);
        if (cached.isStale) askAndCache().catch(onError);
        return cached.answer;
      });
      const ageMs = now().getTime() - Date.parse(answer.asOf);
      response.setHeader("Age", Math.max(0, Math.floor(ageMs / 1_000)));
      return answer;
    },
  };
}

/** The same text for the same question in any order of its parameters, and another text for any other question. */
function textOf([name, { format: _, bom: __, ...parameters }]: Question): string {
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined);
  return JSON.stringify([name, given.toSorted(([a], [b]) => (a < b ? -1 : 1))]);
}
