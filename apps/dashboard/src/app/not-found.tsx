import { Link } from "@tanstack/react-router";

/** For an address that no page has. */
export function NotFound() {
  return (
    <section className="notice">
      <h1>There is no such page</h1>
      <p>
        <Link to="/">Go to the overview</Link>
      </p>
    </section>
  );
}
