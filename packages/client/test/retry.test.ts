import { text } from "node:stream/consumers";
import { expect, onTestFinished } from "vitest";
import { test } from "../../testing/src/fixtures.ts";
import { createModelViews } from "../src/create-model-views.ts";
import { eventually } from "./eventually.ts";
import { serve } from "./serve.ts";
import { startSystem } from "./statistics.ts";

test("a view whose answer was lost on its way is posted again, and counts once", async ({ start }) => {
  const { ingest, statsApi, modelId, stats } = await startSystem(start);
  const answers: number[] = [];
  const proxy = await serve(async (request, response) => {
    const { status } = await fetch(`${ingest.url}${request.url}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: await text(request),
    });
    answers.push(status);
    if (answers.length === 1) request.socket.destroy();
    else response.writeHead(status, { "Content-Type": "application/json" }).end(`{"id":"an id"}`);
  });
  onTestFinished(proxy.close);
  const timeoutMs = 10_000;
  const site = createModelViews({ ingestUrl: proxy.url, statsUrl: statsApi.url, timeoutMs });
  expect(await site.trackModelView(modelId, "a viewer")).toEqual({ success: true, data: { success: true } });
  expect(answers).toEqual([202, 202]);
  // The next one is stored after both.
  expect(await site.trackModelView(modelId, "another")).toMatchObject({ success: true });
  await eventually(stats).toMatchObject({ totalViews: 2, uniqueViews: 2 });
  expect(await site.getModelViewStats(modelId)).toMatchObject({ success: true, data: { totalViews: 2 } });
});
