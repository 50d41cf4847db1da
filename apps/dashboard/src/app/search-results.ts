import type { ModelAnswer } from "@model-views/shared/contracts/models.ts";
import { PAGES, type PagePath } from "../keys/shortcuts.ts";

/** A line of the search: a page, or a model. */
export type SearchResult =
  | { kind: "page"; id: string; label: string; note: string; to: PagePath }
  | { kind: "model"; id: string; label: string; note: string; modelId: string };

/** Pages whose name has a word that begins so, then the models that were found. */
export function searchResults(
  text: string,
  models: readonly Pick<ModelAnswer, "id" | "name" | "category">[],
): SearchResult[] {
  const wanted = text.trim().toLowerCase();
  const pages = PAGES.filter(({ label }) =>
    [label, ...label.split(" ")].some((word) => word.toLowerCase().startsWith(wanted)),
  );
  return [
    ...pages.map(
      ({ to, label }) => ({ kind: "page", id: `page-${label}`, label, note: "Page", to }) as const,
    ),
    ...models.map(
      ({ id, name, category }) =>
        ({ kind: "model", id: `model-${id}`, label: name, note: category ?? "", modelId: id }) as const,
    ),
  ];
}

/** The line after (1) or before (-1) one, around the ends. */
export function nextActive(active: number, by: -1 | 1, count: number): number {
  return count === 0 ? 0 : (active + by + count) % count;
}
