import { createHash } from "node:crypto";
import { type Audience, numbersOf } from "../audiences/audience.ts";
import type { AudienceRow } from "./audience-rows.ts";

type Difference = { key: string; expected: string | null; found: string | null };

/**
 * What differs between what is stored and what is expected; without an expectation, with the stored bitmaps themselves.
 *
 * @param areGone retention has removed the views: an earlier version may have counted viewers, and their audience is not known.
 */
export function compareAudiences(
  { found, expected }: { found: readonly AudienceRow[]; expected: readonly AudienceRow[] | undefined },
  areGone: boolean,
  newAudience: () => Audience,
): Difference[] {
  const stored = Map.groupBy(found, ({ key }) => key);
  const counted = Map.groupBy(expected ?? found, ({ key }) => key);
  return [...new Set([...stored.keys(), ...counted.keys()])].flatMap((key) => {
    using ofFound = unite(stored.get(key) ?? [], newAudience);
    using ofExpected = unite(counted.get(key) ?? [], newAudience);
    const isKnown = ofFound.isKnown && ofExpected.isKnown;
    const isDamaged = ofFound.isDamaged || ofExpected.isDamaged;
    if (areGone && !isKnown && !isDamaged) return [];
    // How many viewers the row says that there are.
    const viewers = stored.get(key)?.[0]?.viewers ?? 0;
    const isEqual =
      isKnown &&
      !isDamaged &&
      stored.has(key) === counted.has(key) &&
      ofFound.views === ofExpected.views &&
      viewers === ofExpected.audience.size &&
      ofFound.audience.equals(ofExpected.audience) &&
      ofExpected.unnumbered === 0;
    if (isEqual) return [];
    return [
      {
        key,
        expected: counted.has(key) ? inWords(ofExpected, ofExpected.audience.size) : null,
        found: stored.has(key) ? inWords(ofFound, viewers) : null,
      },
    ];
  });
}

type United = Disposable & {
  views: number;
  unnumbered: number;
  audience: Audience;
  /** No audience is missing. */
  isKnown: boolean;
  /** The bytes of one are no bitmap. */
  isDamaged: boolean;
};

function unite(rows: readonly AudienceRow[], newAudience: () => Audience): United {
  const audience = newAudience();
  let [views, unnumbered, isKnown, isDamaged] = [0, 0, true, false];
  for (const row of rows) {
    views += row.views;
    unnumbered += row.unnumbered;
    if (row.audience !== null) isDamaged ||= !isAdded(audience, row.audience);
    else if (row.numbers !== null) audience.addNumbers(numbersOf(row.numbers));
    else if (row.isStored) isKnown = false;
  }
  return {
    views,
    unnumbered,
    audience,
    isKnown,
    isDamaged,
    [Symbol.dispose]: () => audience[Symbol.dispose](),
  };
}

function isAdded(audience: Audience, bytes: Buffer): boolean {
  try {
    audience.add(bytes);
    return true;
  } catch {
    return false;
  }
}

/** Views, viewers and a digest of who they are. */
function inWords({ views, unnumbered, audience, isKnown, isDamaged }: United, viewers: number): string {
  if (isDamaged) return `${views} views, ${viewers} viewers, a damaged audience`;
  if (!isKnown) return `${views} views, ${viewers} viewers, no audience`;
  const digest = createHash("sha256").update(audience.toBytes()).digest("hex").slice(0, 8);
  return `${views} views, ${viewers} viewers ${digest}${unnumbered === 0 ? "" : `, ${unnumbered} without a number`}`;
}
