import { type ReactNode, type ToggleEvent, useEffect, useEffectEvent, useId, useRef, useState } from "react";
import styles from "./popover.module.css";

/** Pixels between a popover and its button, and the window's edge. */
const GAP = 6;

/** A button, and what it opens below it. Escape and a click elsewhere close it; the focus goes back to the button. */
export function Popover({
  id: givenId,
  button,
  name,
  width = 280,
  className,
  children,
}: {
  /** To open it from elsewhere: `document.getElementById(id)?.showPopover()`. */
  id?: string;
  button: ReactNode;
  /** What it is, for screen readers; also the button's name when that is only an icon. */
  name: string;
  /** Pixels. */
  width?: number;
  className?: string | undefined;
  children: (close: () => void) => ReactNode;
}) {
  const ownId = useId();
  const id = givenId ?? ownId;
  const opener = useRef<HTMLButtonElement>(null);
  const panel = useRef<HTMLDivElement>(null);
  const [isOpen, setOpen] = useState(false);

  const place = useEffectEvent(() => {
    const [from, to] = [opener.current?.getBoundingClientRect(), panel.current?.style];
    if (from === undefined || to === undefined) return;
    const actualWidth = Math.min(width, document.documentElement.clientWidth - 2 * GAP);
    const left = Math.min(from.left, document.documentElement.clientWidth - actualWidth - GAP);
    const top = Math.max(from.bottom + GAP, GAP);
    to.width = `${actualWidth}px`;
    to.left = `${Math.max(left, GAP)}px`;
    to.top = `${top}px`;
    to.maxHeight = `${Math.max(window.innerHeight - top - GAP, 160)}px`;
  });
  useEffect(() => {
    if (!isOpen) return;
    place();
    panel.current?.querySelector<HTMLElement>("[data-first]")?.focus();
    const again = () => place();
    window.addEventListener("scroll", again, { passive: true });
    window.addEventListener("resize", again);
    return () => {
      window.removeEventListener("scroll", again);
      window.removeEventListener("resize", again);
    };
  }, [isOpen]);

  return (
    <>
      <button
        ref={opener}
        type="button"
        className={className}
        popoverTarget={id}
        aria-expanded={isOpen}
        aria-haspopup="dialog"
      >
        {button}
      </button>
      <div
        ref={panel}
        id={id}
        popover="auto"
        role="dialog"
        aria-label={name}
        className={styles["panel"]}
        onBeforeToggle={(event: ToggleEvent<HTMLDivElement>) => setOpen(event.newState === "open")}
      >
        {isOpen && children(() => panel.current?.hidePopover())}
      </div>
    </>
  );
}
