// The script that a website installs: `<script async src="https://…/tracker.js" data-model-id="…">`.
import { followPage } from "./follow-page.ts";
import { warnOnce } from "./warn-once.ts";

declare global {
  interface Window {
    /** Set by the first script tag of a page, so the other tags do not count the same views again. */
    modelViews?: boolean;
  }
}

const NAMED_WITHIN_MS = 3_000;

try {
  if (!window.modelViews) {
    window.modelViews = true;
    // A module has no current script.
    const tag = (document.currentScript ||
      document.querySelector("script[data-model-id],script[data-endpoint]")) as HTMLScriptElement;
    followPage(tag.dataset["endpoint"] || new URL("/v1/views", tag.src));
    // Tag managers drop attributes. A tag for all pages, some of which have no model, has `data-model-id=""`.
    setTimeout(() => {
      if (!/ data-/.test(tag.outerHTML) && !document.querySelector("[data-model-id]"))
        warnOnce("no data-model-id");
    }, NAMED_WITHIN_MS);
  }
} catch {
  warnOnce("no data-endpoint");
}
