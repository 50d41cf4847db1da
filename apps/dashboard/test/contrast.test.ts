import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";

const css = await readFile(new URL("../src/styles/base.css", import.meta.url), "utf8");

/** The tokens of each theme: the first block is light; the system's dark one and the one chosen by hand follow. */
const [light = {}, systemDark = {}, chosenDark = {}] = [
  ...css.matchAll(/color-scheme: (?:light|dark);([^}]*)\}/g),
].map(([, block = ""]) =>
  Object.fromEntries(
    [...block.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name, color]) => [name, color]),
  ),
);

/** Contrast of two colors by WCAG 2: 1 to 21. */
function contrast(one: string | undefined, other: string | undefined): number {
  const [lighter = 0, darker = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (lighter + 0.05) / (darker + 0.05);
}

function luminance(color = ""): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

test("both dark themes are the same", () => {
  expect(Object.keys(light).length).toBeGreaterThan(20);
  expect(systemDark).toEqual(chosenDark);
});

describe.each([
  ["light", light],
  ["dark", chosenDark],
])("%s", (_, tokens) => {
  const of = (name: string, on: string) => contrast(tokens[name], tokens[on]);

  test.each([
    ...["ink", "ink-2", "accent", "up", "down", "warn", "bad", "good"].flatMap((name) =>
      ["surface", "paper"].map((on) => [name, on] as const),
    ),
    ["ink", "surface-2"],
    ["ink-2", "surface-2"],
    ["accent-ink", "accent"],
    ["ink", "accent-soft"],
    // Figures and bar lists write on it.
    ["ink-2", "accent-soft"],
    ["up", "accent-soft"],
    ["down", "accent-soft"],
    ["ink", "bad-soft"],
    ["warn", "warn-soft"],
    ["good", "good-soft"],
  ] as const)("text: %s on %s", (name, on) => {
    expect(of(name, on)).toBeGreaterThanOrEqual(4.5);
  });

  test.each([
    ...["views", "viewers", "before", "series-1", "series-2", "series-3", "series-4", "series-5"],
    ...["line-strong", "accent"],
  ])("graphics: %s on the surface", (name) => {
    expect(of(name, "surface")).toBeGreaterThanOrEqual(3);
  });
});
