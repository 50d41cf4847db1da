import { namedModels } from "./named-models.ts";
import { isOwnVisit } from "./own-visits.ts";
import { pageAddress } from "./page-address.ts";
import { postView } from "./post-view.ts";
import { isSeen } from "./seen.ts";

/**
 * Posts a view each time the page comes to show another model, once it is seen.
 *
 * Looks at the address and at what the document names whenever the document changes. That catches every kind of
 * navigation within a page, and tells the old page that still stands under a new address from the new one, which
 * patching `history` would not.
 *
 * The same model again is no view, unless another page without it came in between; so neither a page that comes back
 * from the back/forward cache counts again nor one that is drawn anew.
 */
export function followPage(url: string | URL): void {
  let page: string | undefined;
  /** Ids of the models that the page named when last looked at. */
  let named = "";
  /** Ids of the models that are shown, also while the page is drawn anew and names none. */
  let shown = "";
  /** Of the page before the first; every later one was reached from this website. */
  let referrer = document.referrer;
  let frame = 0;

  function look(): void {
    const now = pageAddress();
    if (page !== now) {
      if (page) referrer = "";
      // The page before came to name no model, so what was shown before it was left.
      if (!named) shown = "";
      page = now;
    }
    const namings = namedModels(page, shown);
    named = "";
    namings.forEach(({ mvId, dataset }) => {
      if (!(shown + named).includes(mvId)) postView(url, mvId, referrer, dataset["token"]);
      named += mvId;
    });
    if (named) {
      shown = named;
      referrer = "";
    }
  }

  function check(): void {
    frame = 0;
    try {
      if (!isSeen()) frame = requestAnimationFrame(check);
      else if (!isOwnVisit()) look();
    } catch {
      // Counting must not break the page.
    }
  }

  // The flag for own visits may come while the page is open.
  addEventListener("hashchange", check);
  // A page that is left before it was painted counts too.
  addEventListener("pagehide", check);
  check();
  // Once a frame: applications change the page in many steps, and what is never painted is never seen.
  new MutationObserver(() => {
    frame = frame || requestAnimationFrame(check);
  }).observe(document, { attributes: true, childList: true, subtree: true });
}
