import type { Metadata } from "next";
import Link from "next/link";

export const metadata: Metadata = { title: "Not here" };

export default function NotFound() {
  return (
    <section className="text">
      <p className="kicker">404</p>
      <h1>No one of that name.</h1>
      <p>The model may have moved to another agency, or the address has a typo.</p>
      <Link className="button" href="/">
        Back to the front page
      </Link>
    </section>
  );
}
