import { useCallback, useRef } from "react";
import { chosenModelsText } from "../../address/chosen-models.ts";
import { useAddress } from "../../address/use-address.ts";

/** Models that can be chosen: as many as one question about their viewers takes. */
export const CHOSEN_MAX = 20;

export type Selection = {
  /** Adds a model, or takes it out. It stays the same function, so that rows need not be rendered anew. */
  toggle: (modelId: string) => void;
  /** Whether no other can be added. */
  isFull: boolean;
};

/** The choice of models, which is in the address. */
export function useSelection(chosen: readonly string[]): Selection {
  const { go } = useAddress();
  const latest = useRef({ go, chosen });
  latest.current = { go, chosen };
  const toggle = useCallback((modelId: string) => {
    const { chosen: before } = latest.current;
    const isChosen = before.includes(modelId);
    if (!isChosen && before.length >= CHOSEN_MAX) return;
    const after = isChosen ? before.filter((each) => each !== modelId) : [...before, modelId];
    // The next key may come before the address has changed.
    latest.current = { ...latest.current, chosen: after };
    latest.current.go({}, { m: chosenModelsText(after) }, { replace: true });
  }, []);
  return { toggle, isFull: chosen.length >= CHOSEN_MAX };
}
