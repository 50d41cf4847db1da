import { describe, expect } from "vitest";
import { browserTest as test } from "./browser-fixtures.ts";
import { ANNA, BELLA, modelsUntilLast, painted } from "./models.ts";
import { scriptTag } from "./website.ts";

describe("an element that is not visible names no model", () => {
  const A = `data-model-id="${ANNA}"`;
  test.for([
    ["display: none", `<main ${A} style="display: none">Anna</main>`],
    ["the attribute hidden", `<main ${A} hidden>Anna</main>`],
    ["an ancestor that is hidden", `<div hidden><main><p ${A}>Anna</p></main></div>`],
    ["visibility: hidden", `<aside style="visibility: hidden"><p ${A}>Anna</p></aside>`],
    ["a closed details element", `<details><p ${A}>Anna</p></details>`],
    ["a closed dialog", `<dialog ${A}>Anna</dialog>`],
    ["a template", `<template><main ${A}>Anna</main></template>`],
  ])("by %s", async ([, html], { website, standIn, visit }) => {
    website.page("/", `<body>${scriptTag(standIn.url, {})}${html}<p data-model-id="${BELLA}">Bella`);
    await visit.page.goto(website.url);
    expect(await modelsUntilLast(visit.page, standIn)).toEqual([BELLA]);
    expect([visit.errors, visit.console]).toEqual([[], []]);
  });

  test("but one without a box does, when its content is visible", async ({ website, standIn, visit }) => {
    const anna = `<div ${A} style="display: contents"><p>Anna</p></div>`;
    website.page("/", `<body>${scriptTag(standIn.url, {})}${anna}<p data-model-id="${BELLA}">Bella`);
    await visit.page.goto(website.url);
    expect(await modelsUntilLast(visit.page, standIn)).toEqual([ANNA]);
  });

  test("and names it again when only its style shows it again", async ({ website, standIn, visit }) => {
    const pages = { a: ANNA, list: "", b: BELLA };
    const sections = Object.entries(pages).map(
      ([name, modelId]) =>
        `<section id="${name}" ${modelId && `data-model-id="${modelId}"`}>${name}</section>`,
    );
    const style = "<style>section { display: none }</style>";
    website.page("/", `${style}<body>${scriptTag(standIn.url, {})}${sections.join("")}`);
    await visit.page.goto(website.url);
    for (const name of ["a", "list", "a", "list", "b", "list", "a"]) {
      await visit.page.evaluate((shown) => {
        history.pushState({}, "", `/${shown}`);
        for (const section of document.querySelectorAll("section")) {
          section.style.display = section.id === shown ? "block" : "none";
        }
      }, name);
      await painted(visit.page);
    }
    expect(await modelsUntilLast(visit.page, standIn)).toEqual([ANNA, ANNA, BELLA, ANNA]);
  });
});
