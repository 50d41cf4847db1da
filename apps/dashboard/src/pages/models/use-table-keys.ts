import type { ModelRow } from "@model-views/shared/contracts/models-table.ts";
import type { Virtualizer } from "@tanstack/react-virtual";
import {
  type FocusEvent,
  type KeyboardEvent,
  type RefObject,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import { useRowKeys, useShortcuts } from "../../keys/shortcuts-provider.tsx";

/** How far the keys go from a row; infinite: to an end. */
const STEPS: Readonly<Record<string, number>> = {
  ArrowDown: 1,
  ArrowUp: -1,
  PageDown: 10,
  PageUp: -10,
  Home: Number.NEGATIVE_INFINITY,
  End: Number.POSITIVE_INFINITY,
};
/** Likewise, as long as the reader has not switched the keys that are letters off. */
const LETTER_STEPS: Readonly<Record<string, number>> = { j: 1, k: -1 };

export type TableKeys = {
  /** The element that the keys belong to: it scrolls. */
  ref: RefObject<HTMLDivElement | null>;
  /** The row at which Tab stops. */
  activeId: string | undefined;
  activeIndex: number;
  /** Whether that row gets the focus when it is in the document. */
  shouldFocus: RefObject<boolean>;
  onKeyDown: (event: KeyboardEvent<HTMLElement>) => void;
  onFocus: (event: FocusEvent<HTMLElement>) => void;
};

/**
 * The keys of the table's rows: `j`, `k` and arrows move, `x` and space select. Enter opens, because the focus is on a link. While
 * a row has the focus they are the table's own, and the page's shortcuts do not see them.
 */
export function useTableKeys(rows: readonly ModelRow[], toggle: (modelId: string) => void): TableKeys {
  const [activeId, setActiveId] = useState<string>();
  const [, renderAgain] = useState(0);
  const shouldFocus = useRef(false);
  const { isOn } = useShortcuts();
  const found = activeId === undefined ? 0 : rows.findIndex(({ modelId }) => modelId === activeId);
  const activeIndex = Math.max(found, 0);

  function focusRow(index: number) {
    shouldFocus.current = true;
    setActiveId(rows[Math.min(Math.max(index, 0), rows.length - 1)]?.modelId);
    renderAgain((times) => times + 1);
  }
  const ref = useRowKeys<HTMLDivElement>((by) => {
    const isInside = ref.current?.contains(document.activeElement) === true;
    focusRow(isInside ? activeIndex + by : activeIndex);
  });

  function onKeyDown(event: KeyboardEvent<HTMLElement>) {
    const { key, target } = event;
    const modelId = rowOf(target)?.dataset["model"];
    if (modelId === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = STEPS[key] ?? (isOn ? LETTER_STEPS[key] : undefined);
    // A checkbox has its own meaning of a space.
    const selects = (isOn && key === "x") || (key === " " && !(target instanceof HTMLInputElement));
    if (step === undefined && !selects) return;
    event.preventDefault();
    event.stopPropagation();
    if (step === undefined) toggle(modelId);
    else focusRow(activeIndex + step);
  }

  /** A row that gets the focus in another way is where the keys go on. */
  function onFocus({ target }: FocusEvent<HTMLElement>) {
    const modelId = rowOf(target)?.dataset["model"];
    if (modelId !== undefined) setActiveId(modelId);
  }

  return { ref, activeId, activeIndex, shouldFocus, onKeyDown, onFocus };
}

/** Gives the row that a key has chosen the focus, as soon as it is in the document. */
export function useRowFocus(
  { ref, activeId, activeIndex, shouldFocus }: TableKeys,
  virtualizer: Virtualizer<HTMLDivElement, Element>,
): void {
  useLayoutEffect(() => {
    if (!shouldFocus.current) return;
    shouldFocus.current = false;
    virtualizer.scrollToIndex(activeIndex);
    ref.current
      ?.querySelector<HTMLElement>(`[data-model="${activeId}"] [data-row]`)
      ?.focus({ preventScroll: true });
  });
}

function rowOf(target: EventTarget): HTMLElement | null {
  return target instanceof HTMLElement ? target.closest<HTMLElement>("[data-model]") : null;
}
