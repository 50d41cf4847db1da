import { expect, test } from "vitest";
import { decideShortcut, PAGES, type PressedKey, RANGE_KEYS } from "../src/keys/shortcuts.ts";

const pressed = (key: string, where: Partial<PressedKey> = {}): PressedKey => ({
  key,
  hasModifier: false,
  isTyping: false,
  usesArrows: false,
  ...where,
});
const ON = { isOn: true, afterPrefix: false };

test.each([
  ["d", { do: "range", range: "today" }],
  ["D", { do: "range", range: "today" }],
  ["y", { do: "range", range: "year" }],
  ["c", { do: "own-days" }],
  ["x", { do: "compare" }],
  ["j", { do: "row", by: 1 }],
  ["k", { do: "row", by: -1 }],
  ["/", { do: "search" }],
  ["?", { do: "sheet" }],
  ["g", "prefix"],
  ["ArrowLeft", { do: "shift", by: -1 }],
  ["ArrowRight", { do: "shift", by: 1 }],
  ["Enter", undefined],
  ["1", undefined],
])("%s means %j", (key, action) => {
  expect(decideShortcut(pressed(key), ON)).toEqual(action);
});

test("after g, letters are pages; others keep their meaning", () => {
  const afterG = { isOn: true, afterPrefix: true };
  expect(decideShortcut(pressed("m"), afterG)).toEqual({ do: "page", to: "/models" });
  expect(decideShortcut(pressed("m"), ON)).toEqual({ do: "range", range: "month" });
  expect(decideShortcut(pressed("x"), afterG)).toEqual({ do: "compare" });
});

test.each([
  ["in a field", pressed("d", { isTyping: true }), ON],
  ["with a modifier, as for the browser's own", pressed("d", { hasModifier: true }), ON],
  ["when switched off, the sheet too", pressed("?"), { isOn: false, afterPrefix: false }],
  ["an arrow in a chart", pressed("ArrowLeft", { usesArrows: true }), ON],
])("no shortcut: %s", (_, key, state) => {
  expect(decideShortcut(key, state)).toBeUndefined();
});

test("each key has one meaning", () => {
  const keys = [...Object.values(RANGE_KEYS), "c", "x", "j", "k", "g", "/", "?"];
  expect(new Set(keys).size).toBe(keys.length);
  expect(new Set(PAGES.map(({ key }) => key)).size).toBe(PAGES.length);
});
