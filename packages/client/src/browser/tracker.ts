// The script that a website installs, as a whole: `<script async src="https://…/tracker.js" data-model-id="…">`.
import { followPage } from "./follow-page.ts";
import { warnOnce } from "./warn-once.ts";

declare global {
  interface Window {
    /** One for all script tags of a page, so that none of them counts what another has counted. */
    modelViews?: boolean;
  }
}

const NAMED_WITHIN_MS = 3_000;

try {
  if (!window.modelViews) {
    window.modelViews = true;
    // There is no current script in a module.
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
