import { modelIdOf } from "./model-id.ts";

/**
 * What names a model. We note on it which one, and the address at which it came to name that one: under names that no
 * other script uses.
 */
type Naming = (HTMLElement | SVGElement) & { mvId: string; mvAt: string };

/**
 * What names the models of the page, by `data-model-id`. In this order, the first that there is:
 *
 * 1. Script tags that came at this address, or whose attribute changed at it. Other tags are left from other pages:
 *    some routers replace tags, some add them, some keep the first for ever.
 * 2. The first element that is visible. Pages that an application keeps for later are in the document and are not.
 * 3. Script tags that came at this address with another query, which may be a tab or an order of the same page: those
 *    whose models are shown. Where no model is shown, the page may have been left and reached again: all of them.
 *
 * @param shown ids of the models that were shown last.
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
