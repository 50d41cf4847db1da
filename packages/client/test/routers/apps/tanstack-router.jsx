import {
  createRootRoute,
  createRoute,
  createRouter,
  Link,
  Outlet,
  RouterProvider,
} from "@tanstack/react-router";
import { createRoot } from "react-dom/client";
import { Page } from "./react-page.jsx";
import { names } from "./site.ts";

const root = createRootRoute({
  component: () => (
    <>
      <nav>
        {names.map((name) => (
          <Link key={name} to="/$name" params={{ name }} preload="intent">
            {name}
          </Link>
        ))}
      </nav>
      <Outlet />
    </>
  ),
});
const shown = createRoute({
  getParentRoute: () => root,
  path: "/$name",
  loader: () => new Promise((resolve) => setTimeout(resolve, 50)),
  component: () => <Page name={shown.useParams().name} />,
});
const router = createRouter({ routeTree: root.addChildren([shown]) });
createRoot(document.getElementById("app")).render(<RouterProvider router={router} />);
