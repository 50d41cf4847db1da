/**
 * Whether this browser's visits must not count because they are the website owner's: after a page was opened with
 * `#model-views=ignore`, until one is opened with `#model-views=count`. Without local storage, visits count.
 */
export function isOwnVisit(): boolean | undefined {
  let isOwn: boolean | undefined;
  try {
    if (/model-views=/.test(location.hash)) localStorage["model-views"] = location.hash;
    isOwn = /ignore/.test(localStorage["model-views"]);
  } catch {
    // The browser allows no storage for this page.
  }
  return isOwn;
}
