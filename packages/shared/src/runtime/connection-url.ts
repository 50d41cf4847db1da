/** Why a text is no URL, most probably, and what to do. */
export const WRITE_ENCODED =
  "is no URL: in the user, the password and the database, write / as %2F, : as %3A, @ as %40, # as %23, ? as %3F, [ as %5B and % as %25";

/**
 * A connection string as it is typed, made ready for `new URL`: spaces around it go, a `%` that begins no code stands for
 * itself, and so do `#` and `?` in the user and the password.
 */
export function readyForUrl(given: string): string {
  const text = given.trim().replace(/%(?![0-9a-f]{2})/gi, "%25");
  const [, scheme = "", rest = text] = /^([a-z]+:\/\/)(.*)$/is.exec(text) ?? [];
  return scheme + encodeUser(rest);
}

/** Undefined for what is no URL, or would be read otherwise than it is meant: what follows a `#` belongs to the password or the name. */
export function parseUrl(text: string): URL | undefined {
  try {
    const url = new URL(text);
    for (const part of [url.username, url.password, url.pathname]) decodeURIComponent(part);
    return url.hash === "" ? url : undefined;
  } catch {
    return undefined;
  }
}

/** As libpq finds them: all before the first `@` that comes before any `/`. */
function encodeUser(rest: string): string {
  const [, user, others] = /^([^/@]*[?#][^/@]*)@(.*)$/s.exec(rest) ?? [];
  const isParameter = user === undefined || /\?[a-z_]+=/.test(user);
  if (isParameter) return rest;
  return `${user.replaceAll("#", "%23").replaceAll("?", "%3F")}@${others}`;
}
