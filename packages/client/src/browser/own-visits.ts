/**
 * Whether this browser's visits are the website's own and not to be counted: since a page was opened with
 * `#model-views=ignore`, until one is with `#model-views=count`. Where there is no local storage, visits count.
 */
export function isOwnVisit(): boolean | undefined {
  let isOwn: boolean | undefined;
  try {
    const flag = location.hash.split("#model-views=")[1];
    if (flag) localStorage["model-views"] = flag;
    isOwn = localStorage["model-views"] === "ignore";
    if (!isOwn) delete localStorage["model-views"];
  } catch {
    // The browser keeps nothing for this page.
  }
  return isOwn;
}
