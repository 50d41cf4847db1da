import { parseUrl, readyForUrl, WRITE_ENCODED } from "./connection-url.ts";

/** The URL as ioredis understands it, or what is wrong with it and what to do. */
export type ReadRedisUrl = { url: string } | { wrong: string };

/**
 * Reads `redis://user:password@host:port/database`, with special characters in the password as they are typed where that is
 * clear. What is not is refused, because ioredis would connect to somewhere else: `redis://:p/1@host` is a host `:p`.
 */
export function readRedisUrl(given: string): ReadRedisUrl {
  const text = readyForUrl(given);
  if (!/^rediss?:\/\//i.test(text)) {
    return { wrong: "must be a URL that begins with redis:// or rediss://" };
  }
  const url = parseUrl(text);
  if (url === undefined || `${url.pathname}${url.search}`.includes("@")) return { wrong: WRITE_ENCODED };
  if (url.hostname === "") return { wrong: "names no host: redis://user:password@host:6379" };
  if (!/^(\/\d*)?$/.test(url.pathname)) {
    return { wrong: "names a database that is no number: redis://user:password@host:6379/0" };
  }
  return { url: url.href };
}
