import {
  ANNA,
  ANNA_OF_TWO_DAYS,
  ANNA_RANKED,
  ANNA_RISING,
  AS_OF,
  BELLA,
  BELLA_RANKED,
  CARLA,
  invalid,
  TWO_DAYS,
  TWO_DAYS_RESOLVED,
  UNKNOWN_ID,
  UNKNOWN_MODEL,
} from "./example-data.ts";

const carla = { modelId: CARLA, name: "Carla", category: null };
const noViews = { totalViews: 0, uniqueViews: 0, lastViewedAt: null };

/** The examples of `GET /v1/front-page`. */
export const FRONT_PAGE_EXAMPLES = {
  rising: {
    summary: "By what is rising, at most one of a category, and who leaves",
    query: { sort: "rising", limit: 2, perCategory: 1, current: [BELLA, UNKNOWN_ID] },
    status: 200,
    answer: {
      items: [{ ...ANNA_RISING, seat: 1, isLocked: false, isNew: true }],
      leaving: [
        {
          modelId: BELLA,
          name: "Bella",
          category: "women",
          wasSeat: 1,
          reason: "per-category",
          text: "At most 1 of the category women may have a seat",
        },
        {
          modelId: UNKNOWN_ID,
          name: null,
          category: null,
          wasSeat: 2,
          reason: "unknown-model",
          text: "There is no such model any more",
        },
      ],
      isIncomplete: false,
      asOf: AS_OF,
    },
  },
  locked: {
    summary: "Three seats by all views, the first of them locked, and a model excluded",
    query: { sort: "total", limit: 3, locked: [`${CARLA}:1`], excluded: [BELLA], current: [ANNA, BELLA] },
    status: 200,
    answer: {
      items: [
        { ...carla, ...noViews, seat: 1, isLocked: true, isNew: true },
        { ...ANNA_RANKED, seat: 2, isLocked: false, isNew: false },
      ],
      leaving: [
        {
          modelId: BELLA,
          name: "Bella",
          category: "women",
          wasSeat: 2,
          reason: "excluded",
          text: "Excluded",
        },
      ],
      isIncomplete: false,
      asOf: AS_OF,
    },
  },
  ofPeriod: {
    summary: "By views of two days in Berlin",
    query: { sort: "total", ...TWO_DAYS, locked: [`${CARLA}:2`], current: [BELLA] },
    status: 200,
    answer: {
      items: [
        { ...ANNA_OF_TWO_DAYS, name: "Anna", category: "women", seat: 1, isLocked: false, isNew: true },
        { ...carla, ...noViews, seat: 2, isLocked: true, isNew: true },
      ],
      leaving: [
        {
          modelId: BELLA,
          name: "Bella",
          category: "women",
          wasSeat: 1,
          reason: "no-views",
          text: "It has no views in this period",
        },
      ],
      isIncomplete: false,
      ...TWO_DAYS_RESOLVED,
    },
  },
  outranked: {
    summary: "One seat",
    query: { sort: "unique", limit: 1, current: [BELLA] },
    status: 200,
    answer: {
      items: [{ ...ANNA_RANKED, seat: 1, isLocked: false, isNew: true }],
      leaving: [
        {
          modelId: BELLA,
          name: BELLA_RANKED.name,
          category: BELLA_RANKED.category,
          wasSeat: 1,
          reason: "outranked",
          text: "Others rank before it",
        },
      ],
      isIncomplete: false,
      asOf: AS_OF,
    },
  },
  hotOfPeriod: {
    summary: "What is hot has no period",
    query: { sort: "hot", from: "2026-11-20" },
    status: 422,
    answer: invalid("from", "is for sort=total and sort=unique"),
  },
  lockedAndExcluded: {
    summary: "A model that is locked and excluded",
    query: { locked: [`${ANNA}:1`], excluded: [ANNA] },
    status: 422,
    answer: invalid("excluded", "has a model that is locked"),
  },
  unknown: { ...UNKNOWN_MODEL, query: { locked: [`${UNKNOWN_ID}:1`] } },
} as const;
