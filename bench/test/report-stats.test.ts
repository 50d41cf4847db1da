import { createMetrics } from "@model-views/shared/runtime/metrics.ts";
import { describe, expect, test } from "vitest";
import type { StatsResults } from "../src/stats/compare-stats.ts";
import { eventLoopP99Ms } from "../src/stats/event-loop.ts";
import { missedStats, reportStats } from "../src/stats/report-stats.ts";

const ASKED = {
  question: { name: "top ten", path: () => "/v1/models/top", targetMs: 10 },
  fewMs: 1,
  medianMs: 9,
  p99Ms: 12,
  originalMs: undefined,
};

/** Every target is met. */
const RESULTS: StatsResults = {
  views: 10_000_000,
  asked: [ASKED],
  crowd: { medianMs: 400, longestMs: 900, parts: 700, refusedParts: 0, eventLoopP99Ms: 20 },
  peakBytes: 150_000_000,
  bitmaps: [{ table: "model_days", bytes: 60_000_000 }],
  finalizing: { dayMs: 900, hourMs: 40 },
};

describe("the report of stats", () => {
  test("has every figure, and misses nothing when all targets are met", () => {
    const text = reportStats(RESULTS);
    for (const found of ["400 ms", "900 ms", "0 of 700", "20 ms", "150 MB", "6.00 bytes a view", "40 ms"])
      expect(text).toContain(found);
    expect(text).not.toContain("MISSED");
    expect(missedStats(RESULTS)).toEqual([]);
  });

  test.each<[missed: string, Partial<StatsResults>]>([
    ["its parts that were refused: 1 of 700", { crowd: { ...RESULTS.crowd, refusedParts: 1 } }],
    ["event loop meanwhile, p99: 50 ms", { crowd: { ...RESULTS.crowd, eventLoopP99Ms: 50 } }],
    ["peak resident memory", { peakBytes: 200_000_000 }],
    ["bitmaps, all tables: 15.00", { bitmaps: [{ table: "model_days", bytes: 150_000_000 }] }],
    ["finalizing the last day", { finalizing: { dayMs: 3_000, hourMs: 40 } }],
    ["took 10.0 ms", { asked: [{ ...ASKED, medianMs: 10 }] }],
    ["18.00 times as long", { asked: [{ ...ASKED, fewMs: 0.5 }] }],
  ])("names what is missed: %s", (missed, results) => {
    const all = { ...RESULTS, ...results };
    expect(missedStats(all)).toEqual([expect.stringContaining(missed)]);
    expect(reportStats(all)).toContain("MISSED");
  });
});

describe("the delay of the event loop", () => {
  test("is read from the text of a service's metrics", async () => {
    expect(eventLoopP99Ms("# HELP …\nnodejs_eventloop_lag_p99_seconds 0.0125\n")).toBe(12.5);
    expect(eventLoopP99Ms(await createMetrics().metrics())).toBeGreaterThanOrEqual(0);
    expect(() => eventLoopP99Ms("nothing")).toThrow("lack the delay");
  });
});
