import { modelIdOf } from "./model-id.ts";

/**
 * An element that names a model. We store on it the id of that model and the address at which it first named it, in
 * properties that no other script uses.
 */
type Naming = (HTMLElement | SVGElement) & { mvId: string; mvAt: string };

/**
 * The elements that name the models of the page, by `data-model-id`. The first of these that exists:
 *
 * 1. Script tags that were added at this address, or whose attribute changed at it. Other tags are left from other pages:
 *    some routers replace tags, some add them, some keep the first one.
 * 2. The first visible element. Pages that an application keeps for later are in the document, but not visible.
 * 3. Script tags that were added at this address with another query, which may be a tab or a sort order of the same page:
 *    those whose models are shown. Where no model is shown, the visitor may have left the page and come back: all of them.
 *
 * @param shown ids of the models that were shown last.
 */
export function namedModels(page: string, shown: string): Naming[] {
  const here: Naming[] = [];
  const elements: Naming[] = [];
  const almostHere: Naming[] = [];
  // Tags without the attribute too: one that lost its attribute counts as new when it gets it back.
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

/** An element without a box (`display: contents`) is visible when its first child is. */
function isVisible(element: Naming): boolean {
  return [element, element.firstElementChild || element].some(
    (each) => !each.checkVisibility || each.checkVisibility({ visibilityProperty: true }),
  );
}
