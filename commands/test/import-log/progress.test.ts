import { Writable } from "node:stream";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { addSample, noTotals, noteTimes, openProgress, reportOf } from "../../import-log/progress.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** An output that keeps what was written to it. */
function anOut(isTTY: boolean) {
  let written = "";
  const out = new Writable({
    write(chunk, _encoding, done) {
      written += String(chunk);
      done();
    },
  });
  return { out: Object.assign(out, { isTTY }), written: () => written };
}

describe("progress", () => {
  test("without a terminal it is a line every few seconds", () => {
    const { out, written } = anOut(false);
    const totals = noTotals();
    const progress = openProgress(out, { bytesTotal: 200, bytesRead: () => totals.lines / 10 }, totals);
    for (totals.lines = 1; totals.lines < 1_400; totals.lines++) {
      totals.views = totals.lines - 1;
      progress.show();
      vi.advanceTimersByTime(10);
    }
    progress.stop();
    expect(written()).toBe(
      "1 lines (0%), 0 views\n501 lines (25%), 500 views\n1,001 lines (50%), 1,000 views\n",
    );
  });

  test("without a terminal, what it waits for is printed, not too often", () => {
    const { out, written } = anOut(false);
    const progress = openProgress(out, { bytesTotal: undefined, bytesRead: () => 0 }, noTotals());
    progress.note("ingest answers 503; trying again in 5 s");
    progress.note("ingest answers 503; trying again in 5 s");
    expect(written()).toBe("ingest answers 503; trying again in 5 s\n");
  });

  test.each([
    ["a file has a bar", 200, "50%  1,234 lines, 1,000 views"],
    ["stdin has numbers", undefined, "1,234 lines, 1,000 views"],
  ])("on a terminal %s", (_name, bytesTotal, text) => {
    const { out, written } = anOut(true);
    const totals = noTotals();
    const progress = openProgress(out, { bytesTotal, bytesRead: () => 100 }, totals);
    Object.assign(totals, { lines: 1_234, views: 1_000 });
    progress.show();
    progress.stop();
    expect(written()).toContain(text);
    expect(written().includes("%")).toBe(bytesTotal !== undefined);
  });

  test("on a terminal, what it waits for is shown beside the bar until it goes on", () => {
    const { out, written } = anOut(true);
    const progress = openProgress(out, { bytesTotal: 200, bytesRead: () => 100 }, noTotals());
    progress.note("ingest answers 503");
    vi.advanceTimersByTime(200);
    expect(written()).toContain("0 views (ingest answers 503)");
    progress.show();
    progress.stop();
    expect(written().slice(written().lastIndexOf("0 views"))).not.toContain("503");
  });
});

describe("the report", () => {
  test("shows the first bad lines, shortened, and how many there were", () => {
    const totals = { ...noTotals(), bad: 1_000 };
    for (let line = 1; line <= 1_000; line++) {
      addSample(totals.badSamples, { line, reason: "too long", text: "x".repeat(1_000) });
    }
    const lines = reportOf(totals, "http://127.0.0.1:4002").split("\n");
    expect(lines[0]).toBe("Bad lines (the first 5 of 1,000):");
    expect(lines[5]).toBe(`  line 5: too long: ${"x".repeat(160)}…`);
    expect(lines[6]).toMatch(/^lines read/);
  });

  test("ends with where to see the days, and without any when nothing was posted", () => {
    const totals = noTotals();
    expect(reportOf(totals, "http://127.0.0.1:4002")).not.toContain("See them");
    noteTimes(totals, ["2015-05-18T10:00:00.000Z", "2015-05-17T23:00:00.000Z"]);
    noteTimes(totals, ["2015-05-20T01:00:00.000Z"]);
    expect(reportOf(totals, "http://127.0.0.1:4002")).toMatch(
      /\nSee them: http:\/\/127\.0\.0\.1:4002\/models\?from=2015-05-17&to=2015-05-20&bots=include\n$/,
    );
  });

  test("a log's control characters do not reach the terminal", () => {
    const totals = { ...noTotals(), bad: 1 };
    addSample(totals.badSamples, { line: 1, reason: "cut off", text: "a\u001b[2J\u009b\u202e\n" });
    expect(reportOf(totals, "http://127.0.0.1:4002")).toContain(
      "line 1: cut off: a\uFFFD[2J\uFFFD\uFFFD\uFFFD\n",
    );
  });
});
