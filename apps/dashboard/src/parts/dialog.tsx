import { type ReactNode, useEffect, useRef } from "react";
import styles from "./dialog.module.css";

/** A dialog above the page. Escape closes it, and a click beside it; the focus goes back to where it was. */
export function Dialog({
  isOpen,
  onClose,
  name,
  className = "",
  children,
}: {
  isOpen: boolean;
  onClose: () => void;
  name: string;
  className?: string | undefined;
  /** Rendered while it is open. */
  children: ReactNode;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (isOpen) dialog.current?.showModal();
    else dialog.current?.close();
  }, [isOpen]);
  return (
    <dialog
      ref={dialog}
      className={`${styles["dialog"]} ${className}`}
      aria-label={name}
      closedby="any"
      onClose={onClose}
    >
      {isOpen && children}
    </dialog>
  );
}
