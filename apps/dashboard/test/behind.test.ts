import { expect, test } from "vitest";
import { behindOf, type PipelineNews } from "../src/app/behind.ts";

const news = (
  waitingViews: number | null,
  oldestWaitingSeconds: number | null,
  problems: PipelineNews["problems"] = [],
): PipelineNews => ({
  queue: { data: { waitingViews, waitingJobs: waitingViews === 0 ? 0 : 3, oldestWaitingSeconds } },
  problems,
});
const noWorker: PipelineNews["problems"][number] = {
  part: "workers",
  text: "No worker is running",
  action: "Start one.",
};

test.each([
  ["no view waits", news(0, null)],
  ["views wait for as long as usual", news(900, 3)],
  ["the queue cannot be seen", { queue: { error: {} }, problems: [] }],
  [
    "a problem concerns no recording",
    news(0, null, [{ part: "maintenance", text: "It is late", action: "" }]),
  ],
])("nothing to say: %s", (_, pipeline) => {
  expect(behindOf(pipeline)).toBeUndefined();
});

test.each([
  [1, 40, "1 view is on its way; it was accepted 40 seconds ago."],
  [1_204, 40, "1,204 views are on their way; the oldest was accepted 40 seconds ago."],
  [2, 60, "2 views are on their way; the oldest was accepted 1 minute ago."],
  [2, 7_300, "2 views are on their way; the oldest was accepted 2 hours ago."],
  [null, 90, "3 batches of views are on their way; the oldest was accepted 1 minute ago."],
  [2, 90_000, "2 views are on their way; the oldest was accepted 1 day ago."],
])("%s views, the oldest for %i seconds", (views, seconds, text) => {
  expect(behindOf(news(views, seconds))).toEqual({
    kind: "behind",
    text: text.replace("1,204", new Intl.NumberFormat().format(1_204)),
  });
});

test("a problem of recording is said first, with its cause, and with what waits", () => {
  expect(behindOf(news(5, 40, [noWorker]))).toEqual({
    kind: "stopped",
    text: "Views are not being recorded now. No worker is running. 5 views are on their way; the oldest was accepted 40 seconds ago.",
  });
});

test("recording goes on, as far as can be seen, where no view waits for long", () => {
  expect(behindOf(news(5, 2, [noWorker]))).toBeUndefined();
  expect(behindOf({ queue: { error: {} }, problems: [noWorker] })).toBeUndefined();
});
