import type { Virtualizer } from "@tanstack/react-virtual";
import {
  type FocusEvent,
  type KeyboardEvent,
  type RefObject,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import type { ModelRow } from "./answer.ts";

/** How far the keys go from a row; infinite: to an end. */
const STEPS: Readonly<Record<string, number>> = {
  j: 1,
  k: -1,
  ArrowDown: 1,
  ArrowUp: -1,
  PageDown: 10,
  PageUp: -10,
  Home: Number.NEGATIVE_INFINITY,
  End: Number.POSITIVE_INFINITY,
};

/**
 * The keys of the table's rows, while one has the focus: `j`, `k` and arrows move, `x` and space select. Enter opens, because the
 * focus is on a link. They are the table's own, and the page's shortcuts do not see them.
 */
export function useRowKeys(rows: readonly ModelRow[], toggle: (modelId: string) => void) {
  const [activeId, setActiveId] = useState<string>();
  const shouldFocus = useRef(false);
  const found = activeId === undefined ? 0 : rows.findIndex(({ modelId }) => modelId === activeId);
  const activeIndex = Math.max(found, 0);

  function onKeyDown(event: KeyboardEvent<HTMLElement>) {
    const { key, target } = event;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const modelId = rowOf(target)?.dataset["model"];
    if (modelId === undefined) return;
    const step = STEPS[key];
    // A checkbox has its own meaning of a space.
    const selects = key === "x" || (key === " " && !(target instanceof HTMLInputElement));
    if (step === undefined && !selects) return;
    event.preventDefault();
    event.stopPropagation();
    if (step === undefined) {
      toggle(modelId);
      return;
    }
    const next = rows[Math.min(Math.max(activeIndex + step, 0), rows.length - 1)];
    shouldFocus.current = true;
    setActiveId(next?.modelId);
  }

  /** A row that gets the focus in another way is where the keys go on. */
  function onFocus({ target }: FocusEvent<HTMLElement>) {
    const modelId = rowOf(target)?.dataset["model"];
    if (modelId !== undefined) setActiveId(modelId);
  }

  return { activeId, activeIndex, shouldFocus, onKeyDown, onFocus };
}

/** Gives the row that a key has chosen the focus, as soon as it is in the document. */
export function useRowFocus(
  { activeId, activeIndex, shouldFocus }: ReturnType<typeof useRowKeys>,
  scroller: RefObject<HTMLElement | null>,
  virtualizer: Virtualizer<HTMLDivElement, Element>,
): void {
  useLayoutEffect(() => {
    if (!shouldFocus.current) return;
    shouldFocus.current = false;
    virtualizer.scrollToIndex(activeIndex);
    scroller.current
      ?.querySelector<HTMLElement>(`[data-model="${activeId}"] [data-row]`)
      ?.focus({ preventScroll: true });
  });
}

function rowOf(target: EventTarget): HTMLElement | null {
  return target instanceof HTMLElement ? target.closest<HTMLElement>("[data-model]") : null;
}
