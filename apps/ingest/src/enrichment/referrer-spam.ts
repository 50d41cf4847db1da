import { readFileSync } from "node:fs";
import { z } from "zod";
import { hostOf } from "./referrer-host.ts";

/** Whether a host, as `hostOf` gives it, is known for sending made-up visits, so that its name stands in statistics. */
export type IsSpamReferrer = (host: string) => boolean;

const LIST = new URL("../../assets/referrer-spam.txt", import.meta.url);
/** More than a host: a scheme, a port, a path. */
const MORE_THAN_HOST = /[\s:/\\@?#[\]]/;
/** Two labels at least, because one, like "com", would be every host below it. */
const HOST = /^[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})+$/;

/** `SPAM_REFERRERS`: hosts besides those of the list, separated by commas; their subdomains belong to it. */
export const spamReferrersSchema = z
  .string()
  .transform((list, context) => {
    const entries = list
      .split(",")
      .map((entry) => entry.trim())
      .filter((entry) => entry !== "");
    const hosts = entries.map(hostNamed);
    if (hosts.every((host) => host !== undefined)) return hosts;
    context.addIssue({
      code: "custom",
      message: "must be hosts like spam.example, which stand for their subdomains too, separated by commas",
    });
    return z.NEVER;
  })
  .default([]);

function hostNamed(entry: string): string | undefined {
  const host = MORE_THAN_HOST.test(entry) ? undefined : hostOf(`http://${entry}`);
  // A number alone would be read as an address.
  return host !== undefined && entry.includes(".") && HOST.test(host) ? host : undefined;
}

/**
 * Reads the list that comes with ingest. Asking takes a look-up for each label of the host.
 *
 * @param more the owner's hosts, as `hostOf` gives them.
 */
export function openReferrerSpam(more: readonly string[] = []): IsSpamReferrer {
  const lines = readFileSync(LIST, "utf8").split("\n");
  const spam = new Set([...lines.filter((line) => line !== "" && !line.startsWith("#")), ...more]);
  return (host) => {
    for (let rest = host; ; ) {
      if (spam.has(rest)) return true;
      const dot = rest.indexOf(".");
      if (dot === -1) return false;
      rest = rest.slice(dot + 1);
    }
  };
}
