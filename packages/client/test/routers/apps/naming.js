// How the page of an application names its model: `data-naming` of the document selects the way.
import { modelIdOf } from "./site.ts";

const src = "http://ingest.example/tracker.js";
const way = () => document.documentElement.dataset.naming;

/** Attributes of the page's main element. */
export function namingAttributes(name) {
  return way() === "element" && modelIdOf(name) ? { "data-model-id": modelIdOf(name) } : {};
}

/** Attributes of a script tag that the page draws within itself, where it does. */
export function drawnTag(name) {
  return way() === "tag that is drawn" && modelIdOf(name)
    ? { defer: true, src, "data-model-id": modelIdOf(name) }
    : null;
}

/** Puts a script tag into the head while the page is shown, as `useHead` of many libraries does; returns its end. */
export function putTag(name) {
  if (way() !== "tag of a component" || !modelIdOf(name)) return () => {};
  const tag = document.createElement("script");
  tag.src = src;
  tag.dataset.modelId = modelIdOf(name);
  document.head.append(tag);
  return () => tag.remove();
}

let removeTag = () => {};

/** For applications that draw by hand: the page, and its tag in the place of the one before. */
export function showPage(name) {
  removeTag();
  const main = document.createElement("main");
  for (const [attribute, value] of Object.entries(namingAttributes(name)))
    main.setAttribute(attribute, value);
  main.append(Object.assign(document.createElement("h1"), { textContent: name }));
  document.getElementById("app").replaceChildren(main);
  removeTag = putTag(name);
}

/** Links to all pages, above what the router draws. */
export function showLinks(names) {
  const nav = document.createElement("nav");
  for (const name of names) {
    nav.append(Object.assign(document.createElement("a"), { href: `/${name}`, textContent: name }));
  }
  document.body.prepend(nav);
  return nav;
}
