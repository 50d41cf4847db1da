import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Candidate, chooseSeats } from "../src/front-page/choose-seats.ts";
import { leavingModels } from "../src/front-page/leaving.ts";

const CATEGORIES = [null, "men", "women"] as const;
const MODELS = Array.from({ length: 12 }, (_, index) => `model ${index}`);

/** Models, some of which exist, in a ranking with some of them; a page as it was; what is locked and excluded. */
const page = fc
  .record({
    categories: fc.array(fc.constantFrom(...CATEGORIES), { minLength: 12, maxLength: 12 }),
    order: fc.shuffledSubarray(MODELS),
    limit: fc.integer({ min: 1, max: 8 }),
    perCategory: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
    category: fc.option(fc.constantFrom("men", "women"), { nil: undefined }),
    lockedIds: fc.shuffledSubarray(MODELS, { maxLength: 4 }),
    seats: fc.shuffledSubarray([1, 2, 3, 4, 5, 6, 7, 8], { minLength: 4 }),
    excludedIds: fc.subarray(MODELS),
    current: fc.shuffledSubarray([...MODELS, "no model"]),
  })
  .map(({ categories, order, lockedIds, seats, excludedIds, ...rest }) => {
    const categoryOf = (modelId: string) => categories[MODELS.indexOf(modelId)] ?? null;
    const modelOf = (modelId: string) => ({ modelId, category: categoryOf(modelId) });
    const locked = lockedIds
      .map((modelId, index) => ({ ...modelOf(modelId), seat: seats[index] ?? 0 }))
      .filter(({ seat }) => seat <= rest.limit);
    const areLocked = new Set(locked.map(({ modelId }) => modelId));
    const ranked = order
      .map((modelId) => ({
        ...modelOf(modelId),
        name: modelId,
        totalViews: 1,
        uniqueViews: 1,
        lastViewedAt: null,
      }))
      .filter(({ category }) => rest.category === undefined || category === rest.category);
    const excluded = new Set(excludedIds.filter((modelId) => !areLocked.has(modelId)));
    return { ...rest, modelOf, ranked, locked, excluded };
  });

describe("the seats of a front page", () => {
  test("keep every rule, for random rankings, locks and pages", () => {
    fc.assert(
      fc.property(page, ({ current, modelOf, category, ...question }) => {
        const { ranked, limit, perCategory = Number.POSITIVE_INFINITY, locked, excluded } = question;
        const chosen = chooseSeats(question);
        const { seats } = chosen;
        const ids = seats.map(({ model }) => model.modelId);
        const lockedIds = new Set(locked.map(({ modelId }) => modelId));

        // No one twice, no seat twice, none excluded, in order, on the page.
        expect(new Set(ids).size).toBe(ids.length);
        const numbers = seats.map(({ seat }) => seat);
        expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
        expect(numbers.every((seat) => seat >= 1 && seat <= limit)).toBe(true);
        expect(ids.filter((id) => excluded.has(id))).toEqual([]);

        // Locked models keep their seats, and only they are locked.
        const seatOf = new Map(seats.map(({ seat, model }) => [model.modelId, seat]));
        for (const { modelId, seat } of locked) expect(seatOf.get(modelId)).toBe(seat);
        expect(new Set(seats.filter(({ isLocked }) => isLocked).map(({ model }) => model.modelId))).toEqual(
          lockedIds,
        );

        // The others are of the ranking, and in its order.
        const others = ids.filter((id) => !lockedIds.has(id));
        const places = others.map((id) => ranked.findIndex(({ modelId }) => modelId === id));
        expect(places).toEqual([...places].filter((place) => place >= 0).sort((a, b) => a - b));

        // Never more than n of a category, except by locked seats.
        for (const each of CATEGORIES) {
          const count = (of: readonly Candidate[]) => of.filter((model) => model.category === each).length;
          expect(count(seats.map(({ model }) => model))).toBeLessThanOrEqual(
            Math.max(perCategory, count(locked)),
          );
        }

        // A free seat is left only when no model could have it; and a passed over model is behind for the reason that is given.
        for (const { modelId, category: ofModel } of ranked) {
          const reason = chosen.passedOver.get(modelId);
          expect(reason === undefined).toBe(seatOf.has(modelId));
          expect(reason === "excluded").toBe(excluded.has(modelId));
          const ofSame = seats.filter(({ model }) => model.category === ofModel).length;
          if (reason === "outranked") expect(seats).toHaveLength(limit);
          if (reason === "per-category") expect(ofSame).toBeGreaterThanOrEqual(perCategory);
        }

        // Everyone who leaves has a reason, and only those who leave.
        const known = new Map(MODELS.map((id) => [id, { name: id, category: modelOf(id).category }]));
        const leaving = leavingModels(chosen, {
          ...question,
          category,
          current,
          known,
          sort: "total",
          isOfPeriod: false,
        });
        expect(leaving.map(({ modelId, wasSeat }) => [modelId, wasSeat])).toEqual(
          current.flatMap((id, index) => (seatOf.has(id) ? [] : [[id, index + 1]])),
        );
        for (const { modelId, reason, text } of leaving) {
          expect(text).not.toBe("");
          if (modelId === "no model") expect(reason).toBe("unknown-model");
          else if (excluded.has(modelId)) expect(reason).toBe("excluded");
          else if (category !== undefined && modelOf(modelId).category !== category)
            expect(reason).toBe("wrong-category");
          else expect(reason).toBe(chosen.passedOver.get(modelId) ?? "no-views");
        }
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    ["the ranking fills the seats that are free", { locked: [["c", 1]] }, ["c", "a", "b"]],
    ["a category has no more seats, so that another one gets them", { perCategory: 1 }, ["a", "d", "e"]],
    ["models without a category count as one category", { perCategory: 1, only: ["d", "f"] }, ["d"]],
    ["a locked seat counts for its category", { locked: [["b", 3]], perCategory: 1 }, ["d", "e", "b"]],
    [
      "locked seats may be more than a category has",
      {
        locked: [
          ["b", 1],
          ["c", 2],
        ],
        perCategory: 1,
      },
      ["b", "c", "d"],
    ],
    ["a seat for which there is no model stays empty", { locked: [["a", 3]], only: ["a", "b"] }, ["b", "a"]],
  ] as const)("%s", (_, given, expected) => {
    const {
      locked = [],
      perCategory,
      only,
    } = given as {
      locked?: readonly (readonly [string, number])[];
      perCategory?: number;
      only?: readonly string[];
    };
    const categories = { a: "men", b: "men", c: "men", d: null, e: "women", f: null } as const;
    const ranked = Object.entries(categories)
      .map(([modelId, category]) => ({ modelId, category }))
      .filter(({ modelId }) => only === undefined || only.includes(modelId));
    const { seats } = chooseSeats({
      ranked,
      limit: 3,
      perCategory,
      locked: locked.map(([modelId, seat]) => ({ modelId, seat, category: categories[modelId as "a"] })),
      excluded: new Set(),
    });
    expect(seats.map(({ model }) => model.modelId)).toEqual(expected);
  });
});
