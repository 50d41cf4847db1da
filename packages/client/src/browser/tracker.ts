// The script that a website installs, as a whole: `<script defer src="https://…/tracker.js" data-model-id="…">`.
import { followPage } from "./follow-page.ts";

declare global {
  interface Window {
    /** One for all script tags of a page, so that none of them counts what another has counted. */
    modelViewsFollow?: (script: HTMLScriptElement) => void;
  }
}

try {
  window.modelViewsFollow ??= followPage();
  window.modelViewsFollow(document.currentScript as HTMLScriptElement);
} catch {
  // A browser that lacks something: the page goes on without being counted.
}
