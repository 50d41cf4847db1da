/**
 * Whether this browser's visits are the website's own and not to be counted: since a page was opened with
 * `#model-views=ignore`, until one is with `#model-views=count`. Where there is no local storage, visits count.
 */
export function isOwnVisit(): boolean | undefined {
  let isOwn: boolean | undefined;
  try {
    if (/model-views=/.test(location.hash)) localStorage["model-views"] = location.hash;
    isOwn = /ignore/.test(localStorage["model-views"]);
  } catch {
    // The browser keeps nothing for this page.
  }
  return isOwn;
}
