import type { Response } from "express";
import type { z } from "zod";
import type { AnswerCache } from "./answer-cache.ts";
import { createSingleFlight } from "./single-flight.ts";

/** What is asked: by which name, with which parsed parameters. In which format the answer is sent is not part of it. */
export type Question = readonly [name: string, parameters: Readonly<Record<string, unknown>>];

/** Every question goes through here, so that what many ask at a time is asked of PostgreSQL once. */
export type Answers = {
  /** What the rollups or a key answer: as things are when it is asked, or when an identical question was that is under way. */
  ofNow<Answer>(question: Question, ask: () => Promise<Answer>): Promise<Answer>;
  /**
   * What is counted from the views of a period: may be some seconds old, as `asOf` says, and the header `Age`, which is
   * set here.
   */
  ofPeriod<Answer extends { asOf: string }>(
    response: Response,
    question: Question,
    schema: z.ZodType<Answer>,
    ask: () => Promise<Answer>,
  ): Promise<Answer>;
};

export type AnswersDeps = {
  /** Undefined: every question of a period is asked anew. */
  cache: AnswerCache | undefined;
  now: () => Date;
  /** Told of each question that shared the answer of another. */
  onShared: () => void;
  /** Told why an answer that was given though stale could not be renewed. */
  onError: (error: unknown) => void;
};

export function createAnswers({ cache, now, onShared, onError }: AnswersDeps): Answers {
  const singleFlight = createSingleFlight(onShared);
  // Another one for what is asked of PostgreSQL: a stale answer is renewed after it has been given.
  const askOnce = createSingleFlight();

  return {
    ofNow: (question, ask) => singleFlight(textOf(question), ask),

    async ofPeriod(response, question, schema, ask) {
      const text = textOf(question);
      const askAndKeep = () =>
        askOnce(text, async () => {
          const answer = await ask();
          void cache?.keep(text, answer);
          return answer;
        });
      const answer = await singleFlight(text, async () => {
        const kept = await cache?.read(text, schema);
        if (kept === undefined) return askAndKeep();
        if (kept.isStale) askAndKeep().catch(onError);
        return kept.answer;
      });
      const ageMs = now().getTime() - Date.parse(answer.asOf);
      response.setHeader("Age", Math.max(0, Math.floor(ageMs / 1_000)));
      return answer;
    },
  };
}

/** The same for the same question, whatever the order of its parameters, and never for another one. */
function textOf([name, { format: _, bom: __, ...parameters }]: Question): string {
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined);
  return JSON.stringify([name, given.toSorted(([a], [b]) => (a < b ? -1 : 1))]);
}
