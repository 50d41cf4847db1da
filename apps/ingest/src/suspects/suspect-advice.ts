import type { SuspectReason } from "./suspects.ts";

const WHAT: Record<SuspectReason, string> = {
  "viewers-of-address": "one address had more viewers in an hour than SUSPECT_VIEWERS_PER_ADDRESS",
  "views-of-address-and-model":
    "one address viewed a model more often in an hour than SUSPECT_VIEWS_PER_ADDRESS_AND_MODEL",
  "views-of-token": "one page token was used more often in an hour than SUSPECT_VIEWS_PER_TOKEN",
};

/** What the owner should know, and can do about it. */
export function suspectAdvice(reason: SuspectReason): string {
  return (
    `Views are marked like a bot's, and left out of statistics: ${WHAT[reason]}. ` +
    "If those are people (behind one address, or of a page that is kept in a cache for long), raise it"
  );
}
