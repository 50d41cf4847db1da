import {
  ANNA,
  ANNA_FIGURES,
  AS_OF,
  BELLA,
  BELLA_FIGURES,
  CARLA,
  invalid,
  NOBODY,
  UNKNOWN_MODEL,
} from "./example-world.ts";
import type { Example } from "./operation.ts";

const TWO_DAYS = { from: "2026-11-20", to: "2026-11-22", tz: "Europe/Berlin" };
const TWO_DAYS_TOLD = { from: "2026-11-19T23:00:00.000Z", to: "2026-11-21T23:00:00.000Z", asOf: AS_OF };
const ANNA_OF_TWO_DAYS = {
  modelId: ANNA,
  totalViews: 2,
  uniqueViews: 1,
  lastViewedAt: "2026-11-21T18:30:00.000Z",
};

export const modelStatsExamples = {
  allTime: {
    summary: "Of all time",
    params: { modelId: ANNA },
    status: 200,
    answer: { ...ANNA_FIGURES, asOf: AS_OF },
  },
  notViewed: {
    summary: "A model that nobody has viewed",
    params: { modelId: CARLA },
    status: 200,
    answer: { modelId: CARLA, totalViews: 0, uniqueViews: 0, lastViewedAt: null, asOf: AS_OF },
  },
  ofPeriod: {
    summary: "Two days in Berlin",
    params: { modelId: ANNA },
    query: TWO_DAYS,
    status: 200,
    answer: { ...ANNA_OF_TWO_DAYS, ...TWO_DAYS_TOLD },
  },
  unknown: {
    summary: "No such model",
    params: { modelId: NOBODY },
    status: 404,
    answer: UNKNOWN_MODEL,
  },
  endsTooEarly: {
    summary: "A period that ends before it begins",
    params: { modelId: ANNA },
    query: { from: "2026-11-22", to: "2026-11-20" },
    status: 422,
    answer: invalid("from", "must be before to"),
  },
} as const satisfies Record<string, Example>;

export const manyStatsExamples = {
  allTime: {
    summary: "Of all time, one of them unknown",
    query: { ids: [BELLA, NOBODY, ANNA] },
    status: 200,
    answer: { items: [BELLA_FIGURES, ANNA_FIGURES], unknown: [NOBODY], asOf: AS_OF },
  },
  ofPeriod: {
    summary: "Two days in Berlin",
    query: { ids: [ANNA], ...TWO_DAYS },
    status: 200,
    answer: { items: [ANNA_OF_TWO_DAYS], unknown: [], ...TWO_DAYS_TOLD },
  },
  asCsv: {
    summary: "As CSV, with bots",
    query: { ids: [ANNA, BELLA], bots: "include", format: "csv" },
    status: 200,
    answer: [
      "modelId,totalViews,uniqueViews,lastViewedAt",
      `${ANNA},3,2,2026-11-22T11:57:00.000Z`,
      `${BELLA},2,2,2026-11-22T11:59:00.000Z`,
      "",
    ].join("\r\n"),
  },
} as const satisfies Record<string, Example>;

const ANNA_RANKED = { ...ANNA_FIGURES, name: "Anna", category: "women" };
const BELLA_RANKED = { ...BELLA_FIGURES, name: "Bella", category: "women" };

export const topExamples = {
  allTime: {
    summary: "Of all time",
    query: { limit: 2 },
    status: 200,
    answer: { items: [ANNA_RANKED, BELLA_RANKED], asOf: AS_OF },
  },
  trending: {
    summary: "Trending of a category",
    query: { sort: "trending", category: "women", limit: 1 },
    status: 200,
    answer: { items: [ANNA_RANKED], asOf: AS_OF },
  },
  trendingByHalfLife: {
    summary: "Trending, where a week without views counts half",
    query: { sort: "trending", halfLifeDays: 7, limit: 1 },
    status: 200,
    answer: { items: [ANNA_RANKED], asOf: AS_OF },
  },
  halfLifeOfTotal: {
    summary: "A half-life for another order",
    query: { sort: "total", halfLifeDays: 7 },
    status: 422,
    answer: invalid("halfLifeDays", "is for sort=trending"),
  },
  ofPeriod: {
    summary: "Two days in Berlin",
    query: TWO_DAYS,
    status: 200,
    answer: {
      items: [{ ...ANNA_OF_TWO_DAYS, name: "Anna", category: "women" }],
      isIncomplete: false,
      ...TWO_DAYS_TOLD,
    },
  },
  asCsv: {
    summary: "As CSV",
    query: { sort: "unique", format: "csv" },
    status: 200,
    answer: [
      "modelId,name,category,totalViews,uniqueViews,lastViewedAt",
      `${ANNA},Anna,women,3,2,2026-11-22T11:57:00.000Z`,
      `${BELLA},Bella,women,1,1,2026-11-22T11:58:00.000Z`,
      "",
    ].join("\r\n"),
  },
} as const satisfies Record<string, Example>;
