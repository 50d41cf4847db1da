/**
 * Which page of the website is open: path, route behind the hash (`#/anna`, `#!anna`), query. Any other hash is a place
 * within the page. Made to be compared; the query comes last, so that what is before `?` is the page without it.
 */
export function pageAddress(): string {
  return location.pathname + (location.hash.match(/^#[/!].*/) || "") + location.search;
}
