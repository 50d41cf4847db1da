import { namedModels } from "./named-models.ts";
import { isOwnVisit } from "./own-visits.ts";
import { pageAddress } from "./page-address.ts";
import { postView } from "./post-view.ts";
import { isSeen } from "./seen.ts";

/**
 * Posts a view each time the page shows another model, once the page is seen.
 *
 * Reads the address and the models that the document names whenever the document changes. That covers every kind of
 * navigation within a page. It also distinguishes a new page from the old one that is still shown under the new address;
 * patching `history` would not.
 *
 * The same model again is no view, unless a page without it came in between. So a page that comes back from the
 * back/forward cache does not count again, nor does one that is drawn again.
 */
export function followPage(url: string | URL): void {
  let page: string | undefined;
  /** Ids of the models that the page named at the last check. */
  let named = "";
  /** Ids of the models that are shown, also while the page is drawn again and names none. */
  let shown = "";
  /** The referrer of the first page; every later page was reached from this website. */
  let referrer = document.referrer;
  let frame = 0;

  function look(): void {
    const now = pageAddress();
    if (page !== now) {
      if (page) referrer = "";
      // The previous page named no model at last, so the visitor had left the models that were shown before.
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
  // A page that the visitor leaves before it was painted counts too.
  addEventListener("pagehide", check);
  check();
  // Once a frame: applications change the page in many steps, and a state that is not painted is not seen.
  new MutationObserver(() => {
    frame = frame || requestAnimationFrame(check);
  }).observe(document, { attributes: true, childList: true, subtree: true });
}
