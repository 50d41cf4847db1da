import { useRouter } from "@tanstack/react-router";
import { useEffect } from "react";

/**
 * Moves the focus to the title of a page that was navigated to, as loading a page would: screen readers read it, and the next
 * tab goes on from there. A change of the address within a page leaves the focus where it is.
 */
export function useFocusAfterNavigation(): void {
  const router = useRouter();
  useEffect(
    () =>
      router.subscribe("onRendered", ({ fromLocation, pathChanged }) => {
        if (fromLocation !== undefined && pathChanged) focusMain();
      }),
    [router],
  );
}

function focusMain(): void {
  const main = document.getElementById("main");
  (main?.querySelector<HTMLElement>("h1[tabindex]") ?? main)?.focus({ preventScroll: true });
}
