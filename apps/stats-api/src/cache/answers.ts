import type { Response } from "express";
import type { z } from "zod";
import type { AnswerCache } from "./answer-cache.ts";
import { createSingleFlight } from "./single-flight.ts";

/** A question: a name, and the parsed parameters. The format of the answer is not part of it. */
export type Question = readonly [name: string, parameters: Readonly<Record<string, unknown>>];

/** Every question goes through here, so that identical questions at the same time are asked of PostgreSQL once. */
export type Answers = {
  /**
   * For questions that the rollups or a key answer: as of now, or as of an identical question that is still running.
   */
  ofNow<Answer>(question: Question, ask: () => Promise<Answer>): Promise<Answer>;
  /** For what reads the views of a period: it may be some seconds old. Sets the header `Age`. */
  ofPeriod<Answer extends { asOf: string }>(
    response: Response,
    question: Question,
    schema: z.ZodType<Answer>,
    ask: () => Promise<Answer>,
  ): Promise<Answer>;
};

export type AnswersDeps = {
  /** Undefined: every question about a period reads the database. */
  cache: AnswerCache | undefined;
  now: () => Date;
  /** Called for each question that shared the answer of another. */
  onShared: () => void;
  /** Called when a stale answer was given and could not be renewed. */
  onError: (error: unknown) => void;
};

export function createAnswers({ cache, now, onShared, onError }: AnswersDeps): Answers {
  const singleFlight = createSingleFlight(onShared);
  // A second one for PostgreSQL: a stale answer is renewed after it has been given.
  const askOnce = createSingleFlight();

  return {
    ofNow: (question, ask) => singleFlight(textOf(question), ask),

    async ofPeriod(response, question, schema, ask) {
      const text = textOf(question);
      const askAndCache = () =>
        askOnce(text, async () => {
          const answer = await ask();
          void cache?.write(text, answer);
          return answer;
        });
      const answer = await singleFlight(text, async () => {
        const cached = await cache?.read(text, schema);
        if (cached === undefined) return askAndCache();
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
