import { createRoot } from "react-dom/client";
import { createBrowserRouter, Link, Outlet, useParams } from "react-router";
import { RouterProvider } from "react-router/dom";
import { Page } from "./react-page.jsx";
import { names } from "./site.ts";

function Layout() {
  return (
    <>
      <nav>
        {names.map((name) => (
          <Link key={name} to={`/${name}`}>
            {name}
          </Link>
        ))}
      </nav>
      <Outlet />
    </>
  );
}

function Shown() {
  return <Page name={useParams().name} />;
}

// With a loader, the address changes before the page does.
const loader = () => new Promise((resolve) => setTimeout(resolve, 50));
const router = createBrowserRouter([
  {
    element: <Layout />,
    children: [{ path: "/:name", element: <Shown />, loader, hydrateFallbackElement: null }],
  },
]);
createRoot(document.getElementById("app")).render(<RouterProvider router={router} />);
