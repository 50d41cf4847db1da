import { index, type RouteConfig, route } from "@react-router/dev/routes";

export default [
  index("routes/home.tsx"),
  ...["script", "component", "passed-on", "server"].flatMap((way) => [
    route(way, `routes/${way}.tsx`, [
      index("routes/list.tsx", { id: `${way}-list` }),
      route("models/:id", `routes/${way}-profile.tsx`),
    ]),
  ]),
  route("server/models/:id/view", "routes/view.ts"),
  route("v1/views", "routes/views.ts"),
  route("model-views.js", "routes/model-views-script.ts"),
] satisfies RouteConfig;
