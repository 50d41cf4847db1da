/**
 * The page that is open: its path, its route in the hash (`#/anna`, `#!anna`), its query. Any other hash is a place within
 * the page. The result is for comparison; the query comes last, so the part before `?` is the page without its query.
 */
export function pageAddress(): string {
  return location.pathname + (location.hash.match(/^#[/!].*/) || "") + location.search;
}
