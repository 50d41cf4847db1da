import { ANNA, AS_OF } from "./example-world.ts";
import type { Example } from "./operation.ts";

const viewedAt = "2026-11-22T11:57:00.000Z";

export const exportViewerExamples = {
  known: {
    summary: "A viewer who has viewed one model once",
    params: { viewerIdentifier: "member 8" },
    status: 200,
    answer: {
      viewerIdentifier: "member 8",
      views: [
        {
          id: "00000000-0000-4000-8000-0000000000a3",
          modelId: ANNA,
          viewerIdentifier: "member 8",
          viewedAt,
          viewedAtReplaced: false,
          ipAddress: null,
          userAgent: null,
          country: "FR",
          device: "desktop",
          browser: "Chrome",
          os: "Windows",
          referrerHost: "www.example.org",
          utmSource: null,
          utmMedium: null,
          utmCampaign: null,
          isBot: false,
        },
      ],
      models: [{ modelId: ANNA, views: 1, firstViewedAt: viewedAt, lastViewedAt: viewedAt }],
      rejectedViews: [],
      asOf: AS_OF,
    },
  },
  unknown: {
    summary: "A viewer whom nobody knows",
    params: { viewerIdentifier: "stranger" },
    status: 200,
    answer: { viewerIdentifier: "stranger", views: [], models: [], rejectedViews: [], asOf: AS_OF },
  },
} as const satisfies Record<string, Example>;

export const eraseViewerExamples = {
  known: {
    summary: "A viewer who has viewed one model twice",
    params: { viewerIdentifier: "member 7" },
    status: 200,
    answer: {
      viewerIdentifier: "member 7",
      erased: { views: 2, rejectedViews: 0, models: 1 },
      until: "2026-11-22T12:05:00.000Z",
      asOf: AS_OF,
    },
  },
} as const satisfies Record<string, Example>;
