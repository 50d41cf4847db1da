import { type UseQueryResult, useQueries } from "@tanstack/react-query";
import { type AskOptions, ask, type Params } from "./ask.ts";
import type { Asked } from "./asked.ts";

/** A question of several that are asked at once. */
export type Question = { path: string; params?: Params };

/**
 * Asks the same question about several things at once, and answers when all have been answered: the data are in the order of the
 * questions. A failure of one is a failure of all. While another period is asked for, the former answer about the same path stays.
 */
export function useAskAll<Answer>(questions: readonly Question[], options?: AskOptions): Asked<Answer[]> {
  return useQueries({
    queries: questions.map(({ path, params }) => ({
      ...ask<Answer>(path, params, options),
      placeholderData: (former: Answer | undefined, of?: { queryKey: readonly unknown[] }) =>
        of?.queryKey[0] === path ? former : undefined,
    })),
    combine: together<Answer>,
  });
}

function together<Answer>(results: readonly UseQueryResult<Answer>[]): Asked<Answer[]> {
  const data = results.map((result) => result.data);
  return {
    data: data.some((each) => each === undefined) ? undefined : (data as Answer[]),
    error: results.find(({ error }) => error !== null)?.error ?? null,
    isPending: results.some(({ isPending }) => isPending),
    isFetching: results.some(({ isFetching }) => isFetching),
    isPlaceholderData: results.some(({ isPlaceholderData }) => isPlaceholderData),
    refetch: () => {
      for (const { error, refetch } of results) if (error !== null) void refetch();
    },
  };
}
