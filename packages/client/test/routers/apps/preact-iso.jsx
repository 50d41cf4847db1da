/** @jsxImportSource preact */
import { render } from "preact";
import { useEffect } from "preact/hooks";
import { LocationProvider, Route, Router } from "preact-iso";
import { namingAttributes, putTag } from "./naming.js";
import { names } from "./site.ts";

function Page({ name }) {
  useEffect(() => putTag(name), [name]);
  return (
    <main {...namingAttributes(name)}>
      <h1>{name}</h1>
    </main>
  );
}

render(
  <LocationProvider>
    <nav>
      {names.map((name) => (
        <a key={name} href={`/${name}`}>
          {name}
        </a>
      ))}
    </nav>
    <Router>
      <Route path="/:name" component={Page} />
    </Router>
  </LocationProvider>,
  document.getElementById("app"),
);
