import { expect, test } from "vitest";
import { nextActive, searchResults } from "../src/app/search-results.ts";
import { snippetOf } from "../src/parts/snippet.ts";

const anna = { id: "00000000-0000-4000-8000-000000000001", name: "Anna", category: null };

test.each([
  ["", ["Overview", "Models", "Front page", "Live", "Pipeline", "Settings", "Anna"]],
  ["mod", ["Models", "Anna"]],
  ["PAGE", ["Front page", "Anna"]],
  ["ive", ["Anna"]],
])("%j finds pages by the beginning of a word, and then the models of the answer", (text, labels) => {
  expect(searchResults(text, [anna]).map(({ label }) => label)).toEqual(labels);
});

test("the arrow keys go around the ends, and nowhere in an empty list", () => {
  expect(nextActive(2, 1, 3)).toBe(0);
  expect(nextActive(0, -1, 3)).toBe(2);
  expect(nextActive(0, 1, 0)).toBe(0);
});

test.each([
  ["http://127.0.0.1:4001", "http://127.0.0.1:4001/model-views.js"],
  ["https://views.example.com/", "https://views.example.com/model-views.js"],
  ["", "https://views.example.org/model-views.js"],
  ['https://a.example/"><b', "https://a.example/&quot;>&lt;b/model-views.js"],
])("the snippet of ingest at %j", (address, src) => {
  expect(snippetOf(address, anna.id)).toBe(`<script async src="${src}" data-model-id="${anna.id}"></script>`);
});
