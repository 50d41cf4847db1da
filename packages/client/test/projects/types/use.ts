// Every type of the package, as a website uses them.
import {
  type ActionState,
  type CookieStore,
  createModelViews,
  getOrCreateViewerIdentifier,
  type HotModel,
  isPrefetch,
  type Model,
  type ModelViewStats,
  type ModelViews,
  ModelViewsError,
  signPageToken,
  type TopViewedInPeriod,
  type TopViewedModel,
  type ViewFilters,
  viewMetadata,
  type Why,
} from "model-views-client";
import { fetchCookies, h3Cookies, nodeCookies } from "model-views-client/cookies";
import { useTrackModelView } from "model-views-client/react";

export const modelViews: ModelViews = createModelViews(() => ({
  ingestUrl: "http://ingest",
  timeoutMs: 500,
}));
export const stats: Promise<ActionState<ModelViewStats>> = modelViews.getModelViewStats("id", {
  cache: "force-cache",
  next: { revalidate: 60, tags: ["views"] },
});
export const top: Promise<ActionState<TopViewedModel[]>> = modelViews.getTopViewedModels(10, "women");
export const recent: Promise<TopViewedInPeriod[]> = modelViews.orThrow.getTopViewedModels(10, null, {
  sort: "unique",
  from: new Date(),
});
export const filters: ViewFilters = { country: "DE", utm_source: null };
export const ofGermany: Promise<TopViewedInPeriod[]> = modelViews.orThrow.getTopViewedModels(10, null, {
  from: "2026-11-01",
  filters,
});
export const hot: Promise<HotModel[]> = modelViews.orThrow.getTopViewedModels(10, null, {
  sort: "hot",
  halfLife: "7d",
});
export const whyOf = ({ why }: HotModel): Why => why;
export const put: Promise<Model> = modelViews.orThrow.putModel({ id: "id", name: "Anna" });
export const tracked: Promise<ActionState<{ success: boolean }>> = modelViews.trackModelView("id", null, {
  ipAddress: null,
  userAgent: "A browser",
});
export function codeOf(error: unknown): string | undefined {
  return error instanceof ModelViewsError ? error.code : undefined;
}
export function viewer(cookies: Promise<CookieStore>): Promise<string> {
  return getOrCreateViewerIdentifier(cookies, { salt: "salt", isProduction: true });
}
export function viewerOf(cookies: CookieStore, headers: Headers): Promise<string | null> {
  return modelViews.getOrCreateViewerIdentifier(cookies, headers);
}
// Stores as Astro and SvelteKit have them.
export function viewers(
  astro: {
    get(
      key: string,
      options?: { decode?: (value: string) => string },
    ): { value: string; json(): object } | undefined;
    set(
      key: string,
      value: string | object,
      options?: { maxAge?: number; path?: string; secure?: boolean },
    ): void;
  },
  svelteKit: {
    get: (name: string, opts?: { decode?: (value: string) => string }) => string | undefined;
    set: (
      name: string,
      value: string,
      opts: { maxAge?: number; secure?: boolean } & { path: string },
    ) => void;
  },
): Promise<string>[] {
  return [modelViews.getOrCreateViewerIdentifier(astro), modelViews.getOrCreateViewerIdentifier(svelteKit)];
}
export function seen(headers: Headers): boolean {
  return !isPrefetch(headers) && viewMetadata(headers, { addressHeader: "x-real-ip" }).ipAddress !== null;
}
export const stores: CookieStore[] = [
  fetchCookies(new Headers(), new Headers()),
  h3Cookies({ req: { headers: new Headers() }, res: { headers: new Headers() } }),
  nodeCookies({ headers: {} }, { getHeader: () => undefined, setHeader: () => undefined }),
];
export const passed: Promise<Response> = modelViews.passViewOn(new Request("http://website/v1/views"), {
  clientAddress: undefined,
});
export const token: Promise<string> = signPageToken("id", { secret: "secret", expiresAt: new Date() });
export function Profile(): null {
  useTrackModelView("id");
  useTrackModelView(undefined, { ingestUrl: "https://views.example.com" });
  // @ts-expect-error: a model has an id of letters
  useTrackModelView(7);
  // @ts-expect-error: counts of a period can be null
  recent.then(([first]) => first?.totalViews.toFixed());
  return null;
}
