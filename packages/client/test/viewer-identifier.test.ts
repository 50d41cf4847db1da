import { describe, expect, test, vi } from "vitest";
import {
  VIEWER_COOKIE,
  VIEWER_COOKIE_SECONDS,
  viewerIdentifierOf,
} from "../../shared/src/contracts/viewer-identifier.ts";
import { createModelViews } from "../src/create-model-views.ts";
import { getOrCreateViewerIdentifier, getViewerIdentifier } from "../src/viewer-identifier.ts";

const salt = "a salt for tests, of 32 characters: ä€😀";
const viewerId = "0190cccc-0000-4000-8000-00000000000C";
const settings = { salt, isProduction: true };

/** The cookies of a request, as Next.js has them, and the cookies that were set. */
function aStore(cookies: Record<string, string> = {}) {
  const set: [string, string, object][] = [];
  return {
    set: (name: string, value: string, options: object) => void set.push([name, value, options]),
    get: (name: string) => (name in cookies ? { name, value: cookies[name] ?? "" } : undefined),
    all: set,
  };
}

describe("getOrCreateViewerIdentifier", () => {
  test("identifies a viewer with a cookie as ingest does", async () => {
    const store = aStore({ [VIEWER_COOKIE]: viewerId });
    expect(await getOrCreateViewerIdentifier(store, settings)).toBe(viewerIdentifierOf(viewerId, salt));
    expect(store.all).toEqual([]);
  });

  test.for([
    ["in production", true],
    ["elsewhere", false],
  ] as const)("sets a cookie for a visitor without one, %s", async ([, isProduction]) => {
    const store = aStore();
    const identifier = await getOrCreateViewerIdentifier(store, { salt, isProduction });
    expect(store.all).toEqual([
      [
        VIEWER_COOKIE,
        expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
        { httpOnly: true, sameSite: "lax", secure: isProduction, maxAge: VIEWER_COOKIE_SECONDS, path: "/" },
      ],
    ]);
    expect(identifier).toBe(viewerIdentifierOf(store.all[0]?.[1] ?? "", salt));
  });

  test("replaces a cookie that is not a UUID", async () => {
    const store = aStore({ [VIEWER_COOKIE]: "admin" });
    await getOrCreateViewerIdentifier(store, settings);
    expect(store.all).toHaveLength(1);
  });

  test("accepts the promise of Next.js 15, and a store that returns promises", async () => {
    const store = { get: async () => ({ value: viewerId }), set: async () => {} };
    const expected = viewerIdentifierOf(viewerId, salt);
    expect(await getOrCreateViewerIdentifier(Promise.resolve(store), settings)).toBe(expected);
    expect(await getOrCreateViewerIdentifier({ ...store, get: async () => null }, settings)).toHaveLength(64);
  });

  test("rejects where a cookie cannot be set: a viewer who cannot be recognised again must not count", async () => {
    const set = () => {
      throw new Error("Cookies can only be modified in a Server Action or Route Handler");
    };
    await expect(getOrCreateViewerIdentifier({ ...aStore(), set }, settings)).rejects.toThrow(
      "Server Action",
    );
  });

  test("refuses to hash without a salt, configured or not", async () => {
    const { getOrCreateViewerIdentifier: configured } = createModelViews({});
    const error = { name: "ModelViewsError", code: "not-configured" };
    await expect(configured(aStore())).rejects.toMatchObject(error);
    await expect(getOrCreateViewerIdentifier(aStore(), { ...settings, salt: "" })).rejects.toMatchObject(
      error,
    );
  });

  test("takes its settings from the configuration, with cookies for HTTPS only by default", async () => {
    const store = aStore();
    await createModelViews({ viewerIdSalt: salt }).getOrCreateViewerIdentifier(store);
    await createModelViews({ viewerIdSalt: salt, isProduction: false }).getOrCreateViewerIdentifier(store);
    expect(store.all).toMatchObject([
      [VIEWER_COOKIE, expect.any(String), { secure: true }],
      [VIEWER_COOKIE, expect.any(String), { secure: false }],
    ]);
  });
});

describe("a visitor who asks for privacy", () => {
  test.for([
    ["Sec-GPC", { "sec-gpc": "1" }],
    ["DNT", { dnt: "1" }],
  ] as const)("by %s gets no cookie, and none is read", async ([, headers]) => {
    for (const store of [aStore(), aStore({ [VIEWER_COOKIE]: viewerId })]) {
      const { getOrCreateViewerIdentifier: configured } = createModelViews({ viewerIdSalt: salt });
      expect(await configured(store, new Headers(headers))).toBeNull();
      expect(await configured(store, Promise.resolve(headers))).toBeNull();
      expect(await getViewerIdentifier(store, settings, headers)).toBeNull();
      expect(store.all).toEqual([]);
    }
  });

  test("differs from one who does not", async () => {
    const store = aStore();
    expect(await getOrCreateViewerIdentifier(store, settings, { dnt: "0" })).toHaveLength(64);
    expect(store.all).toHaveLength(1);
  });
});

describe("getViewerIdentifier", () => {
  test("identifies a viewer with a cookie, and sets none for the others", async () => {
    const { getViewerIdentifier: configured } = createModelViews({ viewerIdSalt: salt });
    const get = (name: string) => (name === VIEWER_COOKIE ? { value: viewerId } : undefined);
    expect(await configured(Promise.resolve({ get }))).toBe(viewerIdentifierOf(viewerId, salt));
    const store = aStore();
    expect(await configured(store)).toBeNull();
    expect(store.all).toEqual([]);
  });
});

test("a store may return cookies as texts, as SvelteKit does", async () => {
  const cookies = new Map([[VIEWER_COOKIE, viewerId]]);
  const store = { get: (name: string) => cookies.get(name), set: () => expect.unreachable() };
  expect(await getOrCreateViewerIdentifier(store, settings)).toBe(viewerIdentifierOf(viewerId, salt));
});

test("calls at the same time set one cookie for a first visitor", async () => {
  const cookies = new Map<string, string>();
  const set = vi.fn(async (name: string, value: string) => void cookies.set(name, value));
  const store = { get: async (name: string) => cookies.get(name), set };
  const viewers = await Promise.all(
    [undefined, Promise.resolve({ dnt: "0" }), undefined].map((headers) =>
      getOrCreateViewerIdentifier(store, settings, headers),
    ),
  );
  expect(new Set(viewers).size).toBe(1);
  expect(set).toHaveBeenCalledOnce();
});
