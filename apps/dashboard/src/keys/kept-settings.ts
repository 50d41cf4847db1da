type Kept = "theme" | "shortcuts" | "front-page";

/** What a reader has set on this device. Where storage is switched off, nothing is kept, and all else works. */
export function readKept(name: Kept): string | undefined {
  try {
    return localStorage.getItem(name) ?? undefined;
  } catch {
    return undefined;
  }
}

/** @param value undefined: back to the default. */
export function keep(name: Kept, value: string | undefined): void {
  try {
    if (value === undefined) localStorage.removeItem(name);
    else localStorage.setItem(name, value);
  } catch {
    // It holds until the page is left.
  }
}
