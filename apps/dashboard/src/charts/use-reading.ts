import { type KeyboardEvent, type PointerEvent, useState } from "react";

export type ReadingOptions = {
  /** The last step. */
  last: number;
  /** The step at a place, in pixels from the left. */
  stepAt: (place: number) => number;
  onSelect: ((first: number, last: number) => void) | undefined;
};

/** Which step of a chart is read, and which are being chosen: by pointer or keys. */
export function useReading({ last, stepAt, onSelect }: ReadingOptions) {
  const [active, setActive] = useState<number>();
  const [anchor, setAnchor] = useState<number>();
  const chosen = rangeOf(anchor, active);

  function stop(): void {
    setActive(undefined);
    setAnchor(undefined);
  }
  function select(): void {
    setAnchor(undefined);
    if (chosen !== undefined) onSelect?.(...chosen);
  }

  const handlers = {
    onKeyDown(event: KeyboardEvent) {
      const { key, shiftKey } = event;
      if (key === "Escape") return stop();
      if (key === "Enter" && chosen !== undefined) return select();
      const to = { ArrowLeft: (active ?? last + 1) - 1, ArrowRight: (active ?? -1) + 1, Home: 0, End: last }[
        key
      ];
      if (to === undefined) return;
      // The page's own arrow keys choose the period before and after.
      event.preventDefault();
      event.stopPropagation();
      const step = Math.min(Math.max(to, 0), last);
      if (onSelect !== undefined && shiftKey) setAnchor(anchor ?? active ?? step);
      else setAnchor(undefined);
      setActive(step);
    },
    onPointerDown(event: PointerEvent<HTMLDivElement>) {
      if (onSelect === undefined || event.pointerType === "touch" || event.button !== 0) return;
      setAnchor(placeOf(event));
    },
    onPointerMove: (event: PointerEvent<HTMLDivElement>) => setActive(placeOf(event)),
    onPointerUp: select,
    onPointerLeave: stop,
    onBlur: stop,
  };

  function placeOf({ clientX, currentTarget }: PointerEvent<HTMLDivElement>): number {
    return stepAt(clientX - currentTarget.getBoundingClientRect().left);
  }

  return { active, chosen, handlers };
}

/** From the earlier step to the later one; undefined while they are one. */
function rangeOf(
  anchor: number | undefined,
  active: number | undefined,
): [first: number, last: number] | undefined {
  if (anchor === undefined || active === undefined || anchor === active) return undefined;
  return [Math.min(anchor, active), Math.max(anchor, active)];
}
