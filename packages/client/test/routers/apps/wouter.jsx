import { createRoot } from "react-dom/client";
import { Link, Route, Router } from "wouter";
import { Page } from "./react-page.jsx";
import { names } from "./site.ts";

createRoot(document.getElementById("app")).render(
  <Router>
    <nav>
      {names.map((name) => (
        <Link key={name} href={`/${name}`}>
          {name}
        </Link>
      ))}
    </nav>
    <Route path="/:name">{({ name }) => <Page key={name} name={name} />}</Route>
  </Router>,
);
