import { postView } from "./post-view.ts";
import { isSeen, onSeenChange } from "./seen.ts";

/** Milliseconds from a change of the page until it is looked at: applications change it in many steps. */
const SETTLE_MS = 50;

/** What names the model that the page shows, when the script tag does not. */
const ELEMENT = "[data-model-id]:not(script)";
/** An element that names a model: `data-model-id`, and where ingest asks for one, `data-token`. */
type Naming = HTMLElement | SVGElement;

/**
 * Posts a view each time the page comes to show another model, once it is seen; returns how to make it follow a
 * (further) script tag.
 *
 * The script tag says which model the page shows: at the address at which it came or its attribute last changed.
 * Elsewhere an element does. Watching both catches every kind of navigation within a page, and tells the old page
 * that still stands under a new address from the new one, which patching `history` would not.
 *
 * The same model again is no view, unless another address without it came in between; so neither a page that comes
 * back from the back/forward cache counts again nor one that is drawn anew.
 */
export function followPage(): (script: HTMLScriptElement) => void {
  let script: HTMLScriptElement;
  let scriptModelId: string | undefined;
  let scriptPath: string;
  let lastModelId: string | undefined;
  let lastPath: string;
  let referrer = document.referrer;
  let isChanging = false;

  function check(): void {
    try {
      if (isSeen()) look();
    } catch {
      // Counting must not break the page.
    }
  }

  function look(): void {
    const path = location.pathname;
    if (script.dataset["modelId"] !== scriptModelId) {
      scriptModelId = script.dataset["modelId"];
      scriptPath = path;
    }
    const naming = scriptModelId && path === scriptPath ? script : document.querySelector<Naming>(ELEMENT);
    const { modelId, token }: DOMStringMap = naming?.dataset ?? {};
    if (!modelId) {
      if (path !== lastPath) lastModelId = undefined;
    } else if (modelId !== lastModelId) {
      lastModelId = modelId;
      lastPath = path;
      const url = script.dataset["endpoint"] || new URL("/v1/views", script.src).href;
      postView(url, { modelId, referrer, token });
      referrer = location.href;
    }
  }

  onSeenChange(check);
  // Whoever leaves before the page has settled has seen it all the same.
  addEventListener("pagehide", check);
  new MutationObserver(() => {
    if (isChanging) return;
    isChanging = true;
    setTimeout(() => {
      isChanging = false;
      check();
    }, SETTLE_MS);
  }).observe(document, { attributeFilter: ["data-model-id"], childList: true, subtree: true });

  return (added) => {
    script = added;
    scriptModelId = undefined;
    check();
  };
}
