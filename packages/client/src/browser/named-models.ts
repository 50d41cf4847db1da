import { modelIdOf } from "./model-id.ts";

/** What names a model, with notes of ours: which one, and the address at which it came to name that one. */
type Naming = (HTMLElement | SVGElement) & { mvId: string; mvAt: string };

/**
 * What names the models that the page shows, by `data-model-id`. The most reliable there is:
 *
 * 1. Script tags that came at this address, or whose attribute changed there. Others are left from other pages:
 *    routers replace tags, add them, or keep the first for ever.
 * 2. Else the first element that is visible; pages that are kept for later are in the document too.
 * 3. Else script tags that came at this address but for the query, which may be a tab or an order of the same page.
 *    Where several did, those whose models are shown: the others belong to pages that the query tells apart.
 *
 * @param shown ids of the models that were shown before.
 */
export function namedModels(page: string, shown: string): Naming[] {
  const here: Naming[] = [];
  const elements: Naming[] = [];
  const almostHere: Naming[] = [];
  // Tags without the attribute too: one that lost it starts afresh when it gets it back.
  for (const naming of document.querySelectorAll<Naming>("script,[data-model-id]")) {
    const modelId = modelIdOf(naming.dataset["modelId"] || "");
    if (naming.mvId !== modelId) {
      naming.mvId = modelId;
      naming.mvAt = page;
    }
    if (!modelId) continue;
    const isScript: boolean = naming.matches("script");
    if (isScript) {
      if (naming.mvAt === page) here.push(naming);
      else if (naming.mvAt.split("?")[0] === page.split("?")[0] && (!shown || shown.includes(modelId)))
        almostHere.push(naming);
    } else if (!elements[0] && isVisible(naming)) elements.push(naming);
  }
  return here[0] ? here : elements[0] ? elements : almostHere;
}

/** An element may have no box of its own (`display: contents`), and be seen by its first child all the same. */
function isVisible(element: Naming): boolean {
  return [element, element.firstElementChild || element].some(
    (each) => !each.checkVisibility || each.checkVisibility({ visibilityProperty: true }),
  );
}
