import { describe, expect, vi } from "vitest";
import { createModelViews } from "../src/create-model-views.ts";
import type { ModelViewsError } from "../src/model-views-error.ts";
import { answer, cutOff, never, answeringTest as test } from "./answering.ts";

const VIEWER_ID = "0190cccc-0000-4000-8000-00000000000c";
const MODEL_ID = "0190aaaa-0000-7000-8000-00000000000a";
const view = JSON.stringify({
  modelId: MODEL_ID,
  id: "0190aaaa-0000-7000-8000-00000000000b",
  viewedAt: new Date(),
});
const accepted = answer(
  202,
  { id: "an id" },
  { "Set-Cookie": "viewer_id=1; Path=/; HttpOnly", Server: "ingest" },
);
const clientAddress = "[2001:db8::1]:4711";

/** A post as a browser sends it to the website; `headers` are those that a hostile browser adds. */
function browserPost(body: string, headers: Record<string, string> = {}): Request {
  return new Request("https://www.example.org/v1/views", {
    method: "POST",
    body,
    headers: {
      "Content-Type": "text/plain;charset=UTF-8",
      Cookie: `session=secret; viewer_id=${VIEWER_ID}; other=1`,
      "User-Agent": "A browser",
      "Accept-Language": "de",
      Origin: "https://www.example.org",
      Referer: "https://www.example.org/anna",
      "Sec-Fetch-Site": "same-origin",
      ...headers,
    },
  });
}

describe("a browser's post that is passed on", () => {
  test("arrives with the key, the visitor's address and the headers that ingest needs", async ({
    answering,
  }) => {
    const site = await answering([accepted], { serverKey: "a key" });
    const hostile = {
      Authorization: "Bearer of the visitor",
      "Model-Views-Client-Address": "8.8.8.8",
      "X-Forwarded-For": "8.8.8.8",
      "Sec-GPC": "1",
      DNT: "1",
    };
    const response = await site.passViewOn(browserPost(view, hostile), { clientAddress });
    const [received] = site.requests;
    expect(received).toMatchObject({ line: "POST /v1/views", body: view });
    expect(received?.headers).toMatchObject({
      authorization: "Bearer a key",
      "model-views-client-address": "2001:db8::1",
      cookie: `viewer_id=${VIEWER_ID}`,
      "user-agent": "A browser",
      "accept-language": "de",
      "content-type": "text/plain;charset=UTF-8",
      origin: "https://www.example.org",
      referer: "https://www.example.org/anna",
      "sec-fetch-site": "same-origin",
      "sec-gpc": "1",
      dnt: "1",
    });
    expect(received?.headers).not.toHaveProperty("x-forwarded-for");
    expect(response.status).toBe(202);
    expect(await response.json()).toEqual({ id: "an id" });
    expect(response.headers.getSetCookie()).toEqual(["viewer_id=1; Path=/; HttpOnly"]);
    expect(response.headers.has("server")).toBe(false);
  });

  test("has no cookie, browser or language where the visitor sent none, and marks the address as unknown", async ({
    answering,
  }) => {
    const site = await answering([accepted]);
    const bare = new Request("https://www.example.org/v1/views", { method: "POST", body: view });
    bare.headers.set("Model-Views-Client-Address", "8.8.8.8");
    await site.passViewOn(bare, { clientAddress: "unknown" });
    expect(site.requests[0]?.headers).not.toHaveProperty("cookie");
    expect(site.requests[0]?.headers).not.toHaveProperty("authorization");
    expect(site.requests[0]?.headers).toMatchObject({
      "user-agent": "",
      "accept-language": "",
      "model-views-client-address": "unknown",
    });
  });

  test("leaves out a viewer_id that ingest did not set", async ({ answering }) => {
    const site = await answering([accepted]);
    await site.passViewOn(browserPost(view, { Cookie: "viewer_id=admin; x=1" }), { clientAddress });
    expect(site.requests[0]?.headers).not.toHaveProperty("cookie");
  });

  test.for([
    ["a connection that is cut off", cutOff],
    ["a service that restarts", answer(502, "<h1>Bad gateway</h1>")],
    ["a connection that ingest has just closed", answer(408, "")],
  ] as const)(
    "is sent once more after %s, if its id makes it count once",
    async ([, first], { answering }) => {
      const site = await answering([first, accepted, first, accepted], { onError: () => {} });
      expect((await site.passViewOn(browserPost(view), { clientAddress })).status).toBe(202);
      expect(site.requests.map(({ body }) => body)).toEqual([view, view]);
      const noId = await site.passViewOn(browserPost(`{"modelId":"1"}`), { clientAddress });
      expect(noId.status).toBeGreaterThanOrEqual(408);
      expect(site.requests).toHaveLength(3);
    },
  );

  test.for([
    ["wrong by more than ingest accepts", { viewedAt: new Date(Date.now() - 300_000) }],
    ["no time", { viewedAt: "now" }],
    ["missing", {}],
  ] as const)(
    "is not sent twice when its time is %s: it would count twice",
    async ([, time], { answering }) => {
      const site = await answering([cutOff, accepted], { onError: () => {} });
      const body = JSON.stringify({ modelId: "1", id: "0190aaaa-0000-4000-8000-000000000001", ...time });
      expect((await site.passViewOn(browserPost(body), { clientAddress })).status).toBe(503);
      expect(site.requests).toHaveLength(1);
    },
  );

  test.for([202, 401, 403, 413, 422, 429, 500])("gets ingest's answer: %i", async (status, { answering }) => {
    const errors: ModelViewsError[] = [];
    const ingest = answer(status, { detail: "Because" }, { "Retry-After": "7" });
    const site = await answering([ingest], { onError: (error) => errors.push(error) });
    const response = await site.passViewOn(browserPost(view), { clientAddress });
    expect([response.status, response.headers.get("retry-after")]).toEqual([status, "7"]);
    expect(await response.json()).toEqual({ detail: "Because" });
    // Failures that the website has to act on are reported, because browsers drop the answers.
    expect(errors.map((error) => error.status)).toEqual([401, 403, 500].includes(status) ? [status] : []);
  });

  test("may have 32 KB, and no more", async ({ answering }) => {
    const site = await answering([accepted]);
    expect((await site.passViewOn(browserPost("x".repeat(32_768)), { clientAddress })).status).toBe(202);
    expect((await site.passViewOn(browserPost("x".repeat(32_769)), { clientAddress })).status).toBe(413);
    expect(site.requests).toHaveLength(1);
  });

  test("is 400 when its body was read before", async ({ answering }) => {
    const site = await answering([accepted]);
    const request = browserPost(view);
    await request.text();
    expect((await site.passViewOn(request, { clientAddress })).status).toBe(400);
  });

  test("continues when the visitor leaves", async ({ answering }) => {
    const site = await answering([accepted]);
    const leaving = new AbortController();
    const request = new Request(browserPost(view), { signal: leaving.signal });
    const passed = site.passViewOn(request, { clientAddress });
    await vi.waitFor(() => expect(site.requests).toHaveLength(1));
    leaving.abort();
    expect((await passed).status).toBe(202);
  });
});

describe("503 within the time-out, and onError is called, when ingest", () => {
  test.for([
    ["hangs", [never], { timeoutMs: 100 }, "ingest did not answer within 100 ms"],
    ["is down", [never], { ingestUrl: "http://127.0.0.1:1" }, "ingest cannot be reached"],
    ["has no address", [never], { ingestUrl: undefined }, "the address of ingest is not set, or is no URL"],
    ["is elsewhere", [answer(308, "", { Location: "/" })], {}, "ingest answered 308: is its address right?"],
  ] as const)("%s", async ([, answers, config, message], { answering }) => {
    const onError = vi.fn();
    const site = await answering(answers, { timeoutMs: 60_000, onError, ...config });
    const response = await site.passViewOn(browserPost(view), { clientAddress });
    expect(response.status).toBe(503);
    expect(onError).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ message }));
  });
});

describe("paths", () => {
  test.for([
    ["POST", "/v1/views", "POST /v1/views"],
    ["POST", "/v1/views/", "POST /v1/views"],
    ["POST", "/shop/v1/views?x=1", "POST /v1/views?x=1"],
    ["GET", `/v1/views/${MODEL_ID}.gif?path=/anna`, `GET /v1/views/${MODEL_ID}.gif?path=/anna`],
    ["HEAD", `/shop/v1/views/${MODEL_ID}.gif`, `HEAD /v1/views/${MODEL_ID}.gif`],
    ["GET", "/model-views.js", "GET /model-views.js"],
    ["GET", "/model-views-0123456789ab.js", "GET /model-views-0123456789ab.js"],
  ] as const)("%s %s is passed on", async ([method, path, line], { answering }) => {
    const site = await answering([accepted]);
    await site.passViewOn(new Request(`https://www.example.org${path}`, { method }), { clientAddress });
    expect(site.requests.map(({ line }) => line)).toEqual([line]);
  });

  test.for([
    ["POST", "/v1/views/batch"],
    ["GET", "/v1/views"],
    ["GET", "/v1/views/batch"],
    ["GET", "/v1/views/anna.gif"],
    ["GET", `/v1/views/x/${MODEL_ID}.gif`],
    ["POST", `/v1/views/${MODEL_ID}.gif`],
    ["GET", "/other.js"],
    ["GET", "/metrics"],
    ["GET", "/readyz"],
    ["PUT", "/v1/views"],
    ["DELETE", "/v1/views"],
    ["OPTIONS", "/v1/views"],
  ] as const)("%s %s is 404", async ([method, path], { answering }) => {
    const site = await answering([accepted]);
    const request = new Request(`https://www.example.org${path}`, { method });
    expect((await site.passViewOn(request, { clientAddress })).status).toBe(404);
    expect(site.requests).toEqual([]);
  });

  test.for([
    ["POST", "/seen", "POST /seen"],
    ["GET", `/seen/${MODEL_ID}.gif`, `GET /seen/${MODEL_ID}.gif`],
    ["GET", "/shop/s.js", "GET /s.js"],
    ["GET", "/s-0123456789ab.js", "GET /s-0123456789ab.js"],
  ] as const)("%s %s can be the configured path", async ([method, path, line], { answering }) => {
    const site = await answering([accepted], { viewsPath: "/seen", scriptPath: "/s.js" });
    await site.passViewOn(new Request(`https://www.example.org${path}`, { method }), { clientAddress });
    expect(site.requests.map(({ line }) => line)).toEqual([line]);
  });
});

test("an image and an unchanged script come back as ingest sends them", async ({ answering }) => {
  const gif = Buffer.from("R0lGODlhAQABAID/AMDAwAAAACH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==", "base64");
  const site = await answering([
    (_, response) => void response.writeHead(200, { "Content-Type": "image/gif" }).end(gif),
    (request, response) =>
      void response.writeHead(request.headers["if-none-match"] === `"1"` ? 304 : 200, { ETag: `"1"` }).end(),
  ]);
  const image = await site.passViewOn(new Request(`https://www.example.org/v1/views/${MODEL_ID}.gif`), {
    clientAddress,
  });
  expect([image.headers.get("content-type"), Buffer.from(await image.arrayBuffer())]).toEqual([
    "image/gif",
    gif,
  ]);
  const request = new Request("https://www.example.org/model-views.js", {
    headers: { "If-None-Match": `"1"` },
  });
  const script = await site.passViewOn(request, { clientAddress });
  expect([script.status, script.headers.get("etag"), script.body]).toEqual([304, `"1"`, null]);
});

test("without onError, a failure is a warning on the console, once a minute for each kind, also when the clock is set back", async () => {
  vi.useFakeTimers({ toFake: ["Date", "performance"] });
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  const site = createModelViews({});
  const pass = () => site.passViewOn(browserPost(view), { clientAddress });
  for (const _ of [1, 2, 3]) await pass();
  vi.setSystemTime(Date.now() - 86_400_000);
  vi.advanceTimersByTime(60_000);
  await pass();
  expect(warn.mock.calls).toEqual([
    ["model-views: the address of ingest is not set, or is no URL"],
    ["model-views: the address of ingest is not set, or is no URL (and 2 more since the last warning)"],
  ]);
  warn.mockRestore();
  vi.useRealTimers();
});
