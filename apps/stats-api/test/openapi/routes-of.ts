import type { Express } from "express";

/** A layer of Express' router, as far as this reads it. */
type Layer = {
  /** The path at which it is mounted. */
  rawPath: unknown;
  handle: { stack?: Layer[] };
  route?: { path: string; methods: Record<string, boolean> };
};

/** Every route of an app, as `GET /v1/models/:modelId`. */
export function routesOf(app: Express): string[] {
  return (app.router.stack as unknown as Layer[]).flatMap((layer) => routesIn(layer, ""));
}

function routesIn({ rawPath, handle, route }: Layer, before: string): string[] {
  if (route !== undefined) {
    return Object.keys(route.methods).map((method) => `${method.toUpperCase()} ${before}${route.path}`);
  }
  if (handle.stack === undefined) return [];
  if (typeof rawPath !== "string")
    throw new Error("this version of Express does not show where a router is mounted");
  return handle.stack.flatMap((each) => routesIn(each, rawPath === "/" ? before : before + rawPath));
}
