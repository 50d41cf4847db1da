import type { TopSort } from "@model-views/shared/contracts/stats.ts";
import type { WrongPart } from "../../address/address.ts";
import type { Search } from "../../address/search.ts";

export const RANKINGS = [
  "hot",
  "rising",
  "trending",
  "total",
  "unique",
] as const satisfies readonly TopSort[];
const HALF_LIVES = ["1h", "1d", "7d"] as const;
const SEATS_MAX = 100;
const SEATS = 12;

/** How the seats of the front page are chosen, as the address says it. */
export type Rules = {
  sort: (typeof RANKINGS)[number];
  halfLife: (typeof HALF_LIVES)[number];
  seats: number;
  /** The most of one category; undefined: any number. */
  perCategory: number | undefined;
  /** The seat of each locked model. */
  locked: ReadonlyMap<string, number>;
  excluded: readonly string[];
  /** The models that are on the front page now, by seat. */
  current: readonly string[];
};

const ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Reads the rules of an address. Wrong parts are left out, and named. */
export function readRules(search: Search): { rules: Rules; wrong: WrongPart[] } {
  const wrong: WrongPart[] = [];
  const oneOf = <const Word extends string>(name: string, words: readonly Word[], otherwise: Word): Word => {
    const value = search[name];
    const word = words.find((each) => each === value);
    if (value !== undefined && word === undefined) {
      wrong.push({ name, value, why: `is none of ${words.join(", ")}` });
    }
    return word ?? otherwise;
  };
  const numberOf = (name: string): number | undefined => {
    const value = search[name];
    if (value === undefined) return undefined;
    const number = /^\d{1,3}$/.test(value) ? Number(value) : 0;
    if (number >= 1 && number <= SEATS_MAX) return number;
    wrong.push({ name, value, why: `must be a whole number from 1 to ${SEATS_MAX}` });
    return undefined;
  };
  const idsOf = (name: string): string[] => {
    const words = [...new Set((search[name] ?? "").toLowerCase().split(","))].filter((word) => word !== "");
    const ids = words.filter((word) => ID.test(word)).slice(0, SEATS_MAX);
    const others = words.filter((word) => !ids.includes(word));
    if (others.length > 0) wrong.push({ name, value: others.join(","), why: "is not the id of a model" });
    return ids;
  };
  const seats = numberOf("seats") ?? SEATS;
  const locked = locksOf(search["locked"], seats, wrong);
  const rules: Rules = {
    sort: oneOf("rank", RANKINGS, "hot"),
    halfLife: oneOf("halfLife", HALF_LIVES, "1d"),
    seats,
    perCategory: numberOf("perCategory"),
    locked,
    excluded: idsOf("excluded").filter((id) => !locked.has(id)),
    current: idsOf("current"),
  };
  return { rules, wrong };
}

function locksOf(text: string | undefined, seats: number, wrong: WrongPart[]): Map<string, number> {
  const locked = new Map<string, number>();
  for (const word of (text ?? "").toLowerCase().split(",")) {
    if (word === "") continue;
    const [id = "", seat = ""] = word.split(":");
    const number = Number(seat);
    const isFree = !locked.has(id) && ![...locked.values()].includes(number);
    if (ID.test(id) && /^\d{1,3}$/.test(seat) && number >= 1 && number <= seats && isFree)
      locked.set(id, number);
    else
      wrong.push({
        name: "locked",
        value: word,
        why: "must be the id of a model and a free seat, like <id>:1",
      });
  }
  return locked;
}

/** What {@link readRules} reads, without defaults; undefined removes a name. */
export function writeRules(rules: Rules): Record<string, string | undefined> {
  const { sort, halfLife, seats, perCategory, locked, excluded, current } = rules;
  return {
    rank: sort === "hot" ? undefined : sort,
    halfLife: halfLife === "1d" ? undefined : halfLife,
    seats: seats === SEATS ? undefined : String(seats),
    perCategory: perCategory === undefined ? undefined : String(perCategory),
    locked: listOf([...locked].map(([id, seat]) => `${id}:${seat}`)),
    excluded: listOf(excluded),
    current: listOf(current),
  };
}

/** The parameters of `GET /v1/front-page`, by another ranking where one is given. */
export function paramsOf(
  { halfLife, seats, perCategory, locked, excluded, current, ...rules }: Rules,
  {
    sort = rules.sort,
    category,
    period,
  }: { sort?: Rules["sort"]; category: string | undefined; period: object },
) {
  return {
    sort,
    ...(sort === "hot" ? { halfLife } : {}),
    ...(sort === "total" || sort === "unique" ? period : {}),
    limit: seats,
    category,
    perCategory,
    locked: listOf([...locked].map(([id, seat]) => `${id}:${seat}`)),
    excluded: listOf(excluded),
    current: listOf(current),
  };
}

function listOf(words: readonly string[]): string | undefined {
  return words.length === 0 ? undefined : words.join(",");
}
