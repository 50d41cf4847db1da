import type { ModelAnswer } from "@model-views/shared/contracts/models.ts";
import { useQueries } from "@tanstack/react-query";
import { AskError, ask } from "../../api/ask.ts";

/** Models that are compared with one another: more lines cannot be told apart. */
export const COMPARED_MAX = 5;

export type ComparedModel = {
  modelId: string;
  /** The id while the name is not known yet. */
  name: string;
  /** Its color, the same in every part of the page. */
  color: string;
};

export type ComparedModels = {
  /** Those that exist, as far as is known. */
  models: readonly ComparedModel[];
  /** Ids of the address that no model has. */
  unknown: readonly string[];
};

/** Names of models that an address chooses; and which of them do not exist. */
export function useComparedModels(chosen: readonly string[]): ComparedModels {
  return useQueries({
    queries: chosen.map((modelId) => ({
      ...ask<ModelAnswer>(`/v1/models/${modelId}`),
      // Not the name of another one.
      placeholderData: () => undefined,
    })),
    combine: (results) => {
      const unknown = chosen.filter((_, index) => isUnknown(results[index]?.error));
      const models = chosen.flatMap((modelId, index) =>
        unknown.includes(modelId)
          ? []
          : [{ modelId, name: results[index]?.data?.name ?? modelId, color: `var(--series-${index + 1})` }],
      );
      return { models, unknown };
    },
  });
}

function isUnknown(error: Error | null | undefined): boolean {
  return error instanceof AskError && error.status === 404;
}
