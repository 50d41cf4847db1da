import type { Range } from "../address/ranges.ts";

/** What a key does. */
export type ShortcutAction =
  | { do: "range"; range: Range }
  | { do: "own-days" }
  | { do: "shift"; by: -1 | 1 }
  | { do: "compare" }
  | { do: "row"; by: -1 | 1 }
  | { do: "search" }
  | { do: "sheet" }
  | { do: "page"; to: PagePath };

export type PagePath = (typeof PAGES)[number]["to"];

/** The pages in the header's order, each with the key that goes there after `g`. */
export const PAGES = [
  { to: "/", label: "Overview", key: "o" },
  { to: "/models", label: "Models", key: "m" },
  { to: "/front-page", label: "Front page", key: "f" },
  { to: "/live", label: "Live", key: "l" },
  { to: "/pipeline", label: "Pipeline", key: "p" },
  { to: "/settings", label: "Settings", key: "s" },
] as const;

/** The keys of the ranges, as in Plausible's dashboard where it has the range. */
export const RANGE_KEYS: Readonly<Record<Range, string>> = {
  today: "d",
  yesterday: "e",
  "7d": "w",
  "28d": "f",
  "90d": "n",
  "12m": "l",
  week: "t",
  month: "m",
  "last-month": "p",
  year: "y",
  all: "a",
};

/** Milliseconds for which `g` waits for the key of a page. */
export const PREFIX_MS = 1_500;

/** A key that was pressed, and where. */
export type PressedKey = {
  key: string;
  hasModifier: boolean;
  /** In a field, where keys are text. */
  isTyping: boolean;
  /** In an element that has arrow keys, such as a chart. */
  usesArrows: boolean;
};

/** What a key means: an action, or that it is the first key of two. Undefined: nothing, the browser has it. */
export function decideShortcut(
  { key, hasModifier, isTyping, usesArrows }: PressedKey,
  { isOn, afterPrefix }: { isOn: boolean; afterPrefix: boolean },
): ShortcutAction | "prefix" | undefined {
  if (!isOn || hasModifier || isTyping) return undefined;
  if (key === "ArrowLeft" || key === "ArrowRight") {
    return usesArrows ? undefined : { do: "shift", by: key === "ArrowLeft" ? -1 : 1 };
  }
  const letter = key.toLowerCase();
  if (afterPrefix) {
    const page = PAGES.find((each) => each.key === letter);
    if (page !== undefined) return { do: "page", to: page.to };
  }
  return SINGLE_KEYS.get(letter);
}

const SINGLE_KEYS: ReadonlyMap<string, ShortcutAction | "prefix"> = new Map<
  string,
  ShortcutAction | "prefix"
>([
  ...Object.entries(RANGE_KEYS).map(([range, key]) => [key, { do: "range", range: range as Range }] as const),
  ["c", { do: "own-days" }],
  ["x", { do: "compare" }],
  ["j", { do: "row", by: 1 }],
  ["k", { do: "row", by: -1 }],
  ["/", { do: "search" }],
  ["?", { do: "sheet" }],
  ["g", "prefix"],
]);
