import { readFileSync } from "node:fs";
import { z } from "zod";
import { hostOf } from "./referrer.ts";

/** Whether a host, as `hostOf` returns it, is known to send made-up visits in order to appear in statistics. */
export type IsSpamReferrer = (host: string) => boolean;

const LIST = new URL("../../assets/referrer-spam.txt", import.meta.url);
/** Characters of more than a host: a scheme, a port, a path. */
const MORE_THAN_HOST = /[\s:/\\@?#[\]]/;
/** At least two labels, because one, like "com", would stand for every host below it. */
const HOST = /^[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})+$/;

/** `SPAM_REFERRERS`: hosts in addition to the included list, separated by commas. Each stands for its subdomains too. */
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
  // A bare number would be read as an address.
  return host !== undefined && entry.includes(".") && HOST.test(host) ? host : undefined;
}

/**
 * Reads the list that is included with ingest. A check takes one look-up per label of the host.
 *
 * @param more the owner's hosts, as `hostOf` returns them.
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
