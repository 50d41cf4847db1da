import { ANNA, AS_OF, invalid, NOBODY, UNKNOWN_MODEL } from "./example-world.ts";
import type { Example } from "./operation.ts";

const THREE_DAYS = { from: "2026-11-20", to: "2026-11-23" };
const THREE_DAYS_TOLD = { tz: "UTC", from: "2026-11-20T00:00:00.000Z", to: "2026-11-23T00:00:00.000Z" };

export const modelTimeseriesExamples = {
  days: {
    summary: "Three days",
    params: { modelId: ANNA },
    query: THREE_DAYS,
    status: 200,
    answer: {
      modelId: ANNA,
      interval: "day",
      ...THREE_DAYS_TOLD,
      items: [
        { start: "2026-11-20T00:00:00.000Z", views: 1, uniqueViews: 1 },
        { start: "2026-11-21T00:00:00.000Z", views: 1, uniqueViews: 1 },
        { start: "2026-11-22T00:00:00.000Z", views: 1, uniqueViews: 1 },
      ],
      asOf: AS_OF,
    },
  },
  compared: {
    summary: "A week in Berlin, and the week before",
    params: { modelId: ANNA },
    query: {
      from: "2026-11-16",
      to: "2026-11-23",
      tz: "Europe/Berlin",
      interval: "week",
      compare: "previous",
    },
    status: 200,
    answer: {
      modelId: ANNA,
      interval: "week",
      tz: "Europe/Berlin",
      from: "2026-11-15T23:00:00.000Z",
      to: "2026-11-22T23:00:00.000Z",
      items: [{ start: "2026-11-15T23:00:00.000Z", views: 3, uniqueViews: 2 }],
      previous: {
        from: "2026-11-08T23:00:00.000Z",
        to: "2026-11-15T23:00:00.000Z",
        items: [{ start: "2026-11-08T23:00:00.000Z", views: 0, uniqueViews: 0 }],
      },
      asOf: AS_OF,
    },
  },
  unknown: {
    summary: "No such model",
    params: { modelId: NOBODY },
    status: 404,
    answer: UNKNOWN_MODEL,
  },
} as const satisfies Record<string, Example>;

export const timeseriesExamples = {
  days: {
    summary: "Three days, with bots",
    query: { ...THREE_DAYS, bots: "include" },
    status: 200,
    answer: {
      interval: "day",
      ...THREE_DAYS_TOLD,
      items: [
        { start: "2026-11-20T00:00:00.000Z", views: 1, uniqueViews: 1 },
        { start: "2026-11-21T00:00:00.000Z", views: 1, uniqueViews: 1 },
        { start: "2026-11-22T00:00:00.000Z", views: 3, uniqueViews: 3 },
      ],
      asOf: AS_OF,
    },
  },
  asCsv: {
    summary: "Three hours as CSV",
    query: {
      from: "2026-11-22T09:00:00Z",
      to: "2026-11-22T12:00:00Z",
      interval: "hour",
      format: "csv",
    },
    status: 200,
    answer: [
      "start,views,uniqueViews",
      "2026-11-22T09:00:00.000Z,0,0",
      "2026-11-22T10:00:00.000Z,0,0",
      "2026-11-22T11:00:00.000Z,2,2",
      "",
    ].join("\r\n"),
  },
  tooManyBuckets: {
    summary: "Too many buckets",
    query: { from: "2025-01-01", to: "2026-01-01", interval: "hour" },
    status: 422,
    answer: invalid("interval", "makes more than 1000 buckets of this period"),
  },
} as const satisfies Record<string, Example>;

export const modelViewersExamples = {
  days: {
    summary: "Three days",
    params: { modelId: ANNA },
    query: THREE_DAYS,
    status: 200,
    answer: {
      modelId: ANNA,
      interval: "day",
      ...THREE_DAYS_TOLD,
      items: [
        { start: "2026-11-20T00:00:00.000Z", newViewers: 1, returningViewers: 0 },
        { start: "2026-11-21T00:00:00.000Z", newViewers: 0, returningViewers: 1 },
        { start: "2026-11-22T00:00:00.000Z", newViewers: 1, returningViewers: 0 },
      ],
      asOf: AS_OF,
    },
  },
  asCsv: {
    summary: "A week as CSV",
    params: { modelId: ANNA },
    query: { from: "2026-11-16", to: "2026-11-23", interval: "week", format: "csv" },
    status: 200,
    answer: ["start,newViewers,returningViewers", "2026-11-16T00:00:00.000Z,2,0", ""].join("\r\n"),
  },
  unknown: {
    summary: "No such model",
    params: { modelId: NOBODY },
    status: 404,
    answer: UNKNOWN_MODEL,
  },
} as const satisfies Record<string, Example>;

export const breakdownExamples = {
  devices: {
    summary: "Devices of three days",
    query: { by: "device", ...THREE_DAYS },
    status: 200,
    answer: {
      by: "device",
      ...THREE_DAYS_TOLD,
      items: [
        { value: "desktop", views: 2, uniqueViews: 2, share: 0.5 },
        { value: "mobile", views: 2, uniqueViews: 1, share: 0.5 },
      ],
      totalViews: 4,
      isIncomplete: false,
      asOf: AS_OF,
    },
  },
  asCsv: {
    summary: "A model's countries as CSV",
    query: { by: "country", modelId: ANNA, ...THREE_DAYS, format: "csv" },
    status: 200,
    answer: [
      "value,views,uniqueViews,share",
      "DE,2,1,0.6666666666666666",
      "FR,1,1,0.3333333333333333",
      "",
    ].join("\r\n"),
  },
  unknown: {
    summary: "No such model",
    query: { by: "country", modelId: NOBODY },
    status: 404,
    answer: UNKNOWN_MODEL,
  },
} as const satisfies Record<string, Example>;
